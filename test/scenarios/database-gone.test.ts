import { expect, test } from 'vitest';
import { openApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import * as accessTokens from '../../src/domain/access-tokens.ts';
import * as customers from '../../src/domain/customers.ts';
import * as organizations from '../../src/domain/organizations.ts';
import { openLog } from '../../src/platform/log.ts';
import { testDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/folder.ts';
import { openPassage } from '../support/passage.ts';
import { post, type Reply, send } from '../support/post.ts';
import { TEST_SECRET } from '../support/secret.ts';
import { sellKey } from '../support/sold-key.ts';

const SILENCE_MS = 2_000;

test('while the database is out of reach everything is answered, with an error, and all goes on once it is back', async () => {
  await using database = await testDatabase();
  await using passage = await openPassage(database.url);
  await using folder = await temporaryFolder();
  const env = { DATABASE_URL: passage.url, BOON_SECRET: TEST_SECRET, PORT: '0', DEMO: 'off', DATA_DIR: folder.path };
  await using boon = await openApp({
    config: readConfig(env),
    secrets: [TEST_SECRET],
    log: openLog('silent'),
    silenceMs: SILENCE_MS,
  });
  const { services, url = '' } = boon;
  const { transaction } = services;
  const { id: organizationId } = await transaction((tx) => organizations.create(tx, { name: 'Acme' }));
  const { token } = await transaction((tx) => accessTokens.create(tx, { organizationId, name: 'A test' }));
  let people = 0;
  const newcomer = () =>
    transaction((tx) => customers.create(tx, { organizationId, email: `c${++people}@example.com` }));
  const delivered = (customerId: string) =>
    expect.poll(() => services.database.prisma.benefitGrant.count({ where: { customerId, state: 'ACTIVE' } })).toBe(1);
  const { key } = await sellKey({ ...services, organizationId, customer: newcomer, settle: delivered });

  const asks = {
    check: () => post(url, { query: `{ validateLicenseKey(input: { key: "${key}" }) { valid } }` }),
    query: () => post(url, { query: '{ customers { edges { node { id } } } }', token }),
    change: () =>
      post(url, {
        query: `mutation { createCustomer(input: { email: "new${++people}@example.com" }) { __typename } }`,
        token,
      }),
    health: () => send(url, {}, '/health/ready'),
  };
  const ask = async () => (await Promise.all(Object.values(asks).map((one) => one()))).map(told);
  const well = ['well', 'well', 'well', 'ready'];
  expect(await ask()).toEqual(well);

  passage.shut();
  const failed = 'INTERNAL_SERVER_ERROR';
  const unready = '503 not ready';
  // What was known a moment ago of a key still does.
  expect(await ask()).toEqual([expect.stringMatching(`well|${failed}`), failed, failed, unready]);
  expect(await ask()).toEqual([failed, failed, failed, unready]);
  expect((await send(url, {}, '/health/live')).status).toBe(200);

  passage.open();
  await expect.poll(ask).toEqual(well);
  await sellKey({ ...services, organizationId, customer: newcomer, settle: delivered });
});

function told({ status, body }: Reply): string {
  if (body.status) return status === 200 ? body.status : `${status} ${body.status}`;
  return body.errors?.[0].extensions.code ?? 'well';
}
