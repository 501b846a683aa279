import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as accessTokens from '../../src/domain/access-tokens.ts';
import * as customerSessions from '../../src/domain/customer-sessions.ts';
import { DAY_MS, HOUR_MS, after as later, MINUTE_MS, SECOND_MS } from '../../src/lib/time.ts';
import { bearerToken, openDoorkeeper } from '../../src/server/viewer.ts';
import { type Node, openNode } from '../support/node.ts';

const NOON = new Date('2026-03-01T12:00:00Z');
let node: Node;
beforeAll(async () => {
  node = await openNode();
});
beforeEach(() => {
  node.time.now = NOON;
});
afterAll(() => node[Symbol.asyncDispose]());

/** Who it is, once everything about it has been noted. */
const identify = async (token: string | undefined) => {
  await using doorkeeper = openDoorkeeper(node);
  return await doorkeeper.identify(token);
};
const UNKNOWN = { is: 'refused', because: 'unknown' };
const EXPIRED = { is: 'refused', because: 'expired' };

describe('an access token', () => {
  test('is its merchant, with its scopes', async () => {
    const expiresAt = later(NOON, DAY_MS);
    const { id, token } = await node.token({ scopes: ['grants:read'], expiresAt });
    expect(await identify(token)).toEqual({
      is: 'merchant',
      organizationId: node.organizationId,
      tokenId: id,
      scopes: ['grants:read'],
      expiresAt,
    });
  });

  test('lets nobody in from the instant it expires, or is revoked', async () => {
    const { token } = await node.token({ expiresAt: later(NOON, HOUR_MS) });
    node.time.now = later(NOON, HOUR_MS - 1);
    expect(await identify(token)).toMatchObject({ is: 'merchant' });
    node.time.now = later(NOON, HOUR_MS);
    expect(await identify(token)).toEqual(EXPIRED);
    const revoked = await node.token();
    await node.transaction((tx) => accessTokens.revoke(tx, { organizationId: node.organizationId, id: revoked.id }));
    expect(await identify(revoked.token)).toEqual(UNKNOWN);
  });

  test('has its use noted, once a minute at most', async () => {
    const { id, token } = await node.token();
    const usedAt = async () => (await node.database.prisma.accessToken.findUniqueOrThrow({ where: { id } })).lastUsedAt;
    expect(await usedAt()).toBeNull();
    await identify(token);
    expect(await usedAt()).toEqual(NOON);
    node.time.now = later(NOON, 59 * SECOND_MS);
    await identify(token);
    expect(await usedAt()).toEqual(NOON);
    node.time.now = later(NOON, MINUTE_MS);
    await identify(token);
    expect(await usedAt()).toEqual(node.time.now);
  });
});

describe('a customer session', () => {
  test('is its customer', async () => {
    const customer = await node.customer();
    const { id, token } = await node.session(customer.id);
    expect(await identify(token)).toEqual({
      is: 'customer',
      organizationId: node.organizationId,
      customerId: customer.id,
      sessionId: id,
      expiresAt: later(NOON, HOUR_MS),
    });
  });

  test('ends an hour after its last use, and a day after it began', async () => {
    const { token } = await node.session((await node.customer()).id);
    for (let used = 0; used < DAY_MS; used += 50 * MINUTE_MS) {
      node.time.now = later(NOON, used);
      expect(await identify(token), `after ${used / MINUTE_MS} minutes`).toMatchObject({ is: 'customer' });
    }
    node.time.now = later(NOON, DAY_MS);
    expect(await identify(token)).toEqual(EXPIRED);
  });

  test('ends when it is not used', async () => {
    const { token } = await node.session((await node.customer()).id);
    node.time.now = later(NOON, HOUR_MS);
    expect(await identify(token)).toEqual(EXPIRED);
  });

  test('is prolonged once a minute at most', async () => {
    const { id, token } = await node.session((await node.customer()).id);
    const expiresAt = async () =>
      (await node.database.prisma.customerSession.findUniqueOrThrow({ where: { id } })).expiresAt;
    node.time.now = later(NOON, 59 * SECOND_MS);
    await identify(token);
    expect(await expiresAt()).toEqual(later(NOON, HOUR_MS));
    node.time.now = later(NOON, MINUTE_MS);
    await identify(token);
    expect(await expiresAt()).toEqual(later(NOON, HOUR_MS + MINUTE_MS));
  });

  test('lets nobody in once it is revoked', async () => {
    const { id, token } = await node.session((await node.customer()).id);
    await node.transaction((tx) => customerSessions.revoke(tx, { organizationId: node.organizationId, id }));
    expect(await identify(token)).toEqual(UNKNOWN);
  });
});

test('without a token one is anonymous; with one that is none, refused', async () => {
  expect(await identify(undefined)).toEqual({ is: 'anonymous' });
  for (const token of [
    '',
    'x',
    'boon_at_',
    'boon_at_x',
    'boon_cs_x',
    'boon_xx_x',
    'boon_at_\0',
    'constructor',
    'x'.repeat(10_000),
  ]) {
    expect(await identify(token), token.slice(0, 20)).toEqual(UNKNOWN);
  }
});

test('a token is written after Bearer, in any case', () => {
  expect(bearerToken('Bearer abc')).toBe('abc');
  expect(bearerToken('bearer   abc ')).toBe('abc');
  for (const wrong of ['', 'abc', 'Basic abc', 'Bearer', 'Bearer a b']) expect(bearerToken(wrong)).toBe('');
  expect(bearerToken(undefined)).toBeUndefined();
});
