import { afterAll, beforeAll, expect, test } from 'vitest';
import * as sessions from '../../src/domain/customer-sessions.ts';
import * as organizations from '../../src/domain/organizations.ts';
import { newId } from '../../src/lib/id.ts';
import { openKeyring } from '../../src/lib/keyring.ts';
import { DAY_MS, HOUR_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const open = async (returnUrl?: string) => {
  const { id: customerId } = await house.customer();
  const { organizationId } = house;
  return house.transaction((tx) =>
    sessions.create(tx, { organizationId, customerId, ...(returnUrl !== undefined && { returnUrl }) }),
  );
};
const identify = (token: string, keyring = house.keyring) =>
  sessions.identify(house.database, keyring, token, house.time.now);
const revoke = (id: string, organizationId = house.organizationId) =>
  house.transaction((tx) => sessions.revoke(tx, { organizationId, id }));

test('a session is one customer’s, and its token is kept nowhere', async () => {
  const { session, token } = await open();
  expect(await identify(token)).toMatchObject({
    sessionId: session.id,
    customerId: session.customerId,
    organizationId: house.organizationId,
  });
  expect(session).not.toHaveProperty('digest');
  const row = await house.prisma.customerSession.findUniqueOrThrow({
    where: { id: session.id },
    omit: { digest: false },
  });
  expect(Buffer.from(row.digest).toString('latin1')).not.toContain(token);
});

test('a session ends when it is not used for an hour', async () => {
  const { token } = await open();
  house.passTime(HOUR_MS - 1);
  expect(await identify(token)).not.toBeNull();
  house.passTime(1);
  expect(await identify(token)).toBeNull();
});

test('a session that is used goes on, and ends after a day all the same', async () => {
  const { token, session } = await open();
  for (let hour = 0; hour < 30; hour++) {
    house.passTime(HOUR_MS - 1);
    const holder = await identify(token);
    if (!holder) break;
    const end = await sessions.slide(house.database, holder, house.time.now);
    expect(end.getTime()).toBeLessThanOrEqual(session.createdAt.getTime() + DAY_MS);
  }
  expect(house.time.now.getTime() - session.createdAt.getTime()).toBeGreaterThanOrEqual(DAY_MS);
  expect(house.time.now.getTime() - session.createdAt.getTime()).toBeLessThan(DAY_MS + HOUR_MS);
});

test('a session that is revoked is over, and sliding does not bring it back', async () => {
  const { token, session } = await open();
  const holder = await identify(token);
  await revoke(session.id);
  await revoke(session.id);
  if (holder) await sessions.slide(house.database, holder, house.time.now);
  expect(await identify(token)).toBeNull();
});

test('a session outlives the rotation of the secret', async () => {
  const { token } = await open();
  expect(await identify(token, openKeyring(['a new secret', 'a secret that is only good for tests']))).not.toBeNull();
  expect(await identify(token, openKeyring(['a new secret']))).toBeNull();
});

test.each(['', 'boon_cs_', 'boon_cs_nonsense', '\0', 'x'.repeat(10_000)])(
  'a token of %j is nobody’s',
  async (token) => {
    expect(await identify(token)).toBeNull();
  },
);

test('another organization’s session is not found', async () => {
  const { session, token } = await open();
  const other = await house.transaction((tx) => organizations.create(tx, { name: 'Other' }));
  for (const [id, of] of [
    [session.id, other.id],
    [newId('customerSession'), house.organizationId],
    ['nonsense', house.organizationId],
  ]) {
    await expect(revoke(id ?? '', of)).rejects.toMatchObject({ code: 'NOT_FOUND', path: ['id'] });
  }
  expect(await identify(token)).not.toBeNull();
});

test.each(['javascript:alert(1)', 'data:text/html,x', '/relative', 'nonsense', 'ftp://example.com'])(
  'a return URL of %j is refused',
  async (returnUrl) => {
    await expect(open(returnUrl)).rejects.toMatchObject({ code: 'INVALID_INPUT', path: ['returnUrl'] });
  },
);
