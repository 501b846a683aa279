import { afterAll, beforeAll, expect, test } from 'vitest';
import * as tokens from '../../src/domain/access-tokens.ts';
import * as organizations from '../../src/domain/organizations.ts';
import { newId } from '../../src/lib/id.ts';
import { openKeyring } from '../../src/lib/keyring.ts';
import { DAY_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

type Input = Omit<Parameters<typeof tokens.create>[1], 'organizationId'>;
const create = (input: Partial<Input> = {}) =>
  house.transaction((tx) => tokens.create(tx, { organizationId: house.organizationId, name: 'A token', ...input }));
const identify = (token: string, keyring = house.keyring) =>
  tokens.identify(house.database, keyring, token, house.time.now);
const revoke = (id: string, organizationId = house.organizationId) =>
  house.transaction((tx) => tokens.revoke(tx, { organizationId, id }));

test('a token is one organization’s, with the scopes it was given, and is kept nowhere', async () => {
  const { accessToken, token } = await create({ scopes: ['customers:read', 'grants:read', 'customers:read'] });
  expect(await identify(token)).toMatchObject({
    tokenId: accessToken.id,
    organizationId: house.organizationId,
    scopes: ['customers:read', 'grants:read'],
  });
  const row = await house.prisma.accessToken.findUniqueOrThrow({
    where: { id: accessToken.id },
    omit: { digest: false },
  });
  expect(Buffer.from(row.digest).toString('latin1')).not.toContain(token);
});

test('a token ends at its instant', async () => {
  const { token } = await create({ expiresAt: new Date(house.time.now.getTime() + DAY_MS) });
  house.passTime(DAY_MS - 1);
  expect(await identify(token)).not.toBeNull();
  house.passTime(1);
  expect(await identify(token)).toBeNull();
});

test('a token that is revoked lets nobody in, and twice is once', async () => {
  const { accessToken, token } = await create();
  const first = await revoke(accessToken.id);
  house.passTime(1);
  expect(await revoke(accessToken.id)).toEqual(first);
  expect(await identify(token)).toBeNull();
});

test('a token outlives the rotation of the secret', async () => {
  const { token } = await create();
  expect(await identify(token, openKeyring(['a new secret', 'a secret that is only good for tests']))).not.toBeNull();
  expect(await identify(token, openKeyring(['a new secret']))).toBeNull();
});

test.each<[what: string, input: Partial<Input>, path: string[]]>([
  ['without a name', { name: ' ' }, ['name']],
  ['with a NUL in its name', { name: 'a\0' }, ['name']],
  ['with a scope there is not', { scopes: ['customers:read', 'customers:read', 'everything'] }, ['scopes', '2']],
  ['that has ended', { expiresAt: new Date(0) }, ['expiresAt']],
])('a token %s is refused', async (_, input, path) => {
  await expect(create(input)).rejects.toMatchObject({ code: 'INVALID_INPUT', path });
});

test.each(['', 'boon_at_', 'boon_at_nonsense', '\0', 'x'.repeat(10_000)])(
  'a token of %j is nobody’s',
  async (token) => {
    expect(await identify(token)).toBeNull();
  },
);

test('another organization’s token is not found', async () => {
  const { accessToken, token } = await create();
  const other = await house.transaction((tx) => organizations.create(tx, { name: 'Other' }));
  await expect(revoke(accessToken.id, other.id)).rejects.toMatchObject({ code: 'NOT_FOUND', path: ['id'] });
  await expect(revoke(newId('accessToken'))).rejects.toMatchObject({ code: 'NOT_FOUND', path: ['id'] });
  expect(await identify(token)).not.toBeNull();
});
