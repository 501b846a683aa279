import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { spawnBoon } from '../support/process.ts';

const LINK = `mutation { startAccountLink(input: { provider: GITHUB, customer: { externalId: "user_1" } }) {
  ... on StartAccountLinkPayload { url } } }`;
const ITEMS = `{ customer(by: { externalId: "user_1" }) { grants { edges { node { delivery {
  ... on GitHubRepositoryDelivery { items { name status } } } } } } } }`;

test('a newcomer links an account of Ada with one click and finds the invitation waiting', async () => {
  await using folder = await temporaryFolder();
  await using boon = spawnBoon({ DATA_DIR: folder.path, PORT: '0' }, '--sandbox');
  await boon.says('Accept it as they would');
  const [, url = ''] = /(http:\S+\/graphql)\n/.exec(boon.output()) ?? [];
  const [, sandbox = ''] = /Sandbox\s+(\S+)/.exec(boon.output()) ?? [];
  const [, token = ''] = /(boon_at_\S+)/.exec(boon.output()) ?? [];
  const ask = async (query: string) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    return (await (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })).json()).data;
  };

  // As a browser would: the cookie set on the way out comes back with it.
  const out = await fetch((await ask(LINK)).startAccountLink.url, { redirect: 'manual' });
  const consent = out.headers.get('location') ?? '';
  const [cookie = ''] = (out.headers.get('set-cookie') ?? '').split(';');
  const [, user = ''] = /name="user" value="(\d+)"/.exec(await (await fetch(consent)).text()) ?? [];
  const allowed = await fetch(consent, { method: 'POST', body: new URLSearchParams({ user }), redirect: 'manual' });
  const back = await fetch(allowed.headers.get('location') ?? '', { headers: { cookie } });
  expect(await back.text()).toContain('It is linked');

  const items = async () =>
    (await ask(ITEMS)).customer.grants.edges.flatMap(
      ({ node }: { node: { delivery: { items?: object[] } | null } }) => node.delivery?.items ?? [],
    );
  await expect.poll(items).toEqual([{ name: 'private-repo', status: 'INVITED' }]);
  expect(await (await fetch(sandbox)).text()).toContain('invited, pull');
});
