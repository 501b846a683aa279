import { afterAll, beforeAll, expect, test } from 'vitest';
import { link } from '../../src/domain/accounts/accounts.ts';
import { type Api, openApi } from './api.ts';
import { oneOfEach } from './one-of-each.ts';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api[Symbol.asyncDispose]());

let repetition = 0;

/** What is shown once, or is enough to act for somebody: a copy of the database, or its log, gives none of it away. */
async function secretsOf({ organizationId, keyring }: Api): Promise<Record<string, string>> {
  const { customer, benefit, license, webhook, key } = await oneOfEach(api, organizationId, 'ours');
  const shown = async (mutation: string, input: object, secret: string) => {
    const answer = await api.call(mutation, { ...input, idempotencyKey: `${++repetition}` }, secret);
    return answer[secret];
  };
  const { customer: migrant } = await api.call('createCustomer', { email: 'bob@example.com' }, 'customer { id }');
  const imported = 'OLD-SYSTEM-KEY-12345678';
  const row = { key: imported, customer: { id: migrant.id } };
  await api.call('importLicenseKeys', { benefitId: benefit, keys: [row] }, '__typename');
  await api.settle(migrant.id);
  await api.call('rotateLicenseKey', { id: license, graceDays: 3, idempotencyKey: 'rotation' }, '__typename');
  const { sealed } = await api.prisma.licenseKey.findUniqueOrThrow({
    where: { id: license },
    select: { sealed: true },
  });
  const rotated = keyring.open(sealed);
  const machine = { key: rotated, label: 'Desktop', idempotencyKey: 'machine' };
  await api.call('activateLicenseKey', machine, '__typename');
  const consume = '{ consumeLicenseKey(input: $input) { code } }';
  await api.get(`mutation ($input: ConsumeLicenseKeyInput!) ${consume}`, {
    input: { key: rotated, units: 1, idempotencyKey: 'use' },
  });
  const tokens = { accessToken: 'a-token-of-discord', refreshToken: 'one-that-renews-it' };
  const profile = { accountId: '1', username: 'ada', scopes: [], tokens: JSON.stringify(tokens) };
  await api.transaction((tx) => link(tx, { organizationId, customerId: customer, types: [] }, 'DISCORD', profile));
  return {
    key,
    imported,
    rotated,
    ...tokens,
    checkout: (await api.call('checkoutLicenseKey', { key: rotated }, 'license')).license,
    token: await shown('createAccessToken', { name: 'ci' }, 'token'),
    session: await shown('createCustomerSession', { customer: { id: customer } }, 'token'),
    webhook: await shown('createWebhookEndpoint', { url: 'http://127.0.0.1:9/', events: ['*'] }, 'secret'),
    rotatedWebhook: await shown('rotateWebhookSecret', { id: webhook }, 'secret'),
  };
}

/** How it may look where it is kept. */
const looksOf = (secret: string) =>
  [secret, secret.replaceAll('-', '')].flatMap((said) => [
    said,
    Buffer.from(said).toString('hex'),
    Buffer.from(said)
      .toString('base64')
      .replace(/.{0,3}=*$/, ''),
  ]);

test('no secret is kept, nor logged, as it is', async () => {
  const secrets = Object.entries(await secretsOf(api));
  expect(secrets.filter(([, secret]) => !secret || secret.length < 15)).toEqual([]);
  const tables = await api.prisma.$queryRaw<{ name: string }[]>`
    SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
    WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`;
  const kept = [{ name: 'the log', text: JSON.stringify(api.logged) }];
  for (const { name } of tables)
    for (const row of await api.prisma.$queryRawUnsafe<{ text: string }[]>(`SELECT r::text AS text FROM ${name} r`))
      kept.push({ name, ...row });
  expect(kept.filter(({ text }) => text.includes('ours@example.com'))).not.toEqual([]);
  const found = kept.flatMap(({ name, text }) =>
    secrets.flatMap(([secret, value]) =>
      looksOf(value).some((look) => text.includes(look)) ? [`${name}: ${secret}: ${text}`] : [],
    ),
  );
  expect(found).toEqual([]);
});
