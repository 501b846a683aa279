import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readProviders } from '../../src/config.ts';
import { openSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { openPages } from '../../src/server/pages.ts';
import { type Api, customerViewer, openApi } from '../graphql/api.ts';
import { openHouse } from '../support/house.ts';

let sandbox: Sandbox;
let api: Api;
let base = '';
let close = () => {};
beforeAll(async () => {
  sandbox = await openSandbox({ limits: 'off' });
  const house = await openHouse({ providers: readProviders(sandbox.environment) });
  api = await openApi({ house });
  let pages: ReturnType<typeof openPages>;
  const server = createServer((q, s) => void pages(q, s, new URL(q.url ?? '', 'http://x')));
  await new Promise<void>((r) => server.listen(0, '127.0.0.1', r));
  base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  api.services.url = base;
  pages = openPages({
    services: api.services,
    bus: {} as never,
    persisted: {} as never,
    demo: false,
    draining: new AbortController().signal,
  });
  close = () => server.close();
});
afterAll(async () => {
  close();
  await sandbox[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});
test('round trip', async () => {
  const { id } = await api.customer();
  const made = await api.call(
    'createCustomerSession',
    { customer: { id }, returnUrl: 'https://shop.test/portal' },
    'id token',
  );
  const me = { ...customerViewer(api.organizationId, id), sessionId: made.id } as never;
  const person = sandbox.github.addUser('ada');
  expect(
    await api.call('startAccountLink', { provider: 'GITHUB', returnUrl: 'https://evil.test/' }, 'url', me),
  ).toMatchObject({ path: ['returnUrl'] });
  const go = async () => {
    const { url } = await api.call(
      'startAccountLink',
      { provider: 'GITHUB', returnUrl: 'https://shop.test/done' },
      'url',
      me,
    );
    const out = await fetch(url, { redirect: 'manual' });
    return { to: out.headers.get('location') ?? '', cookie: (out.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
  };
  const { to, cookie } = await go();
  const back = await sandbox.consent(to, { as: person.id });
  expect((await fetch(back, { redirect: 'manual' })).status).toBe(400);
  const done = await fetch(back, { redirect: 'manual', headers: { cookie } });
  expect([done.status, done.headers.get('location')]).toEqual([
    302,
    'https://shop.test/done?provider=github&link=linked',
  ]);
  expect((await fetch(back, { redirect: 'manual', headers: { cookie } })).status).toBe(400);
  expect(
    (await api.get('{ currentCustomer { accounts { provider username } } }', {}, me)).currentCustomer.accounts,
  ).toEqual([{ provider: 'GITHUB', username: 'ada' }]);
  const second = await go();
  const denied = await sandbox.consent(second.to, 'deny');
  expect(
    (await fetch(denied, { redirect: 'manual', headers: { cookie: second.cookie } })).headers.get('location'),
  ).toContain('link=denied');
});
