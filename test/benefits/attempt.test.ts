import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { settle } from '../../src/benefits/fulfillment.ts';
import type { Kind } from '../../src/benefits/kind.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/lib/time.ts';
import { openRooms, type Rooms } from '../support/rooms.ts';
import type { Fault } from '../support/toy-provider.ts';

let rooms: Rooms;
beforeAll(async () => {
  rooms = await openRooms();
});
afterAll(() => rooms[Symbol.asyncDispose]());
afterEach(() => rooms.reset());

const firstOf = async (customerId: string) => {
  const [grant] = await rooms.house.grants(customerId);
  if (!grant) throw new Error('They have no grant.');
  return grant;
};

describe('what is kept outside', () => {
  test('is given, and taken away when entitlement ends', async () => {
    const { customerId, subscription, account } = await rooms.subscriber('lobby', 'attic');
    await rooms.house.settle(customerId);
    expect(rooms.provider.of(account)).toEqual({ lobby: 2, attic: 2 });
    await rooms.merchant.cancel(subscription.id);
    await rooms.house.settle(customerId);
    expect(rooms.provider.of(account)).toEqual({});
    expect((await rooms.house.grants(customerId)).map(({ state }) => state)).toEqual(['REVOKED', 'REVOKED']);
    expect(rooms.provider.writes.map(({ method, room }) => `${method} ${room}`)).toEqual([
      'PUT lobby',
      'PUT attic',
      'DELETE lobby',
      'DELETE attic',
    ]);
  });

  test('is not touched when nothing is missing', async () => {
    const { customerId } = await rooms.subscriber('lobby');
    await rooms.house.settle(customerId);
    await rooms.house.settle(customerId);
    expect(rooms.provider.writes).toHaveLength(1);
  });

  test('waits for a customer who has to act, and goes on when it is retried', async () => {
    const { customerId, account } = await rooms.subscriber('lobby');
    await rooms.merchant.rename(customerId, null);
    await rooms.house.settle(customerId);
    expect(await firstOf(customerId)).toMatchObject({
      state: 'CREATED',
      attentionCode: 'CONNECT_TOY',
      attentionActor: 'CUSTOMER',
      retryAt: null,
    });
    await rooms.merchant.rename(customerId, account);
    await rooms.merchant.retry((await firstOf(customerId)).id);
    await rooms.house.settle(customerId);
    expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
  });

  test('and waits for the customer is withdrawn when entitlement ends, and linking an account afterwards gives nothing', async () => {
    const { customerId, account, subscription } = await rooms.subscriber('lobby');
    await rooms.merchant.rename(customerId, null);
    await rooms.house.settle(customerId);
    await rooms.merchant.cancel(subscription.id);
    await rooms.house.settle(customerId);
    expect(await firstOf(customerId)).toMatchObject({ state: 'REVOKED', attentionCode: null });
    await rooms.merchant.rename(customerId, account);
    await rooms.merchant.retry((await firstOf(customerId)).id);
    await rooms.house.settle(customerId);
    expect(rooms.provider.of(account)).toEqual({});
  });
});

describe('a provider', () => {
  test.each<[what: string, fault: Fault, attention: (string | null)[], seconds: number | null]>([
    ['that fails', { status: 503 }, ['PROVIDER_UNAVAILABLE', 'SYSTEM'], 5],
    ['that breaks off', 'breaks off', ['PROVIDER_UNAVAILABLE', 'SYSTEM'], 5],
    ['that limits the rate', { status: 429, retryAfterSeconds: 90 }, ['PROVIDER_UNAVAILABLE', 'SYSTEM'], 90],
    ['that does not let us', { status: 403 }, ['MISSING_PERMISSION', 'MERCHANT'], null],
    ['that has nothing there', { status: 410 }, ['GAVE_UP', 'SYSTEM'], null],
  ])('%s is told apart, and does not hold back the next benefit', async (_, fault, attention, seconds) => {
    const { customerId, account } = await rooms.subscriber('lobby', 'attic');
    rooms.provider.faults.push(fault);
    await rooms.house.settle(customerId);
    const grant = await firstOf(customerId);
    expect([grant.state, grant.attentionCode, grant.attentionActor]).toEqual(['CREATED', ...attention]);
    expect(grant.retryAt && (grant.retryAt.getTime() - rooms.house.time.now.getTime()) / SECOND_MS).toBe(seconds);
    expect(rooms.provider.of(account)).toEqual({ attic: 2 });
    if (seconds) rooms.house.passTime(seconds * SECOND_MS);
    else await rooms.merchant.retry(grant.id);
    await rooms.house.settle(customerId);
    expect(rooms.provider.of(account)).toEqual({ lobby: 2, attic: 2 });
    expect(await firstOf(customerId)).toMatchObject({ state: 'ACTIVE', attentionCode: null, attempts: 0 });
  });

  test('that does what it was asked and breaks off is asked again, to the same end', async () => {
    const { customerId, account, subscription } = await rooms.subscriber('lobby');
    rooms.provider.faults.push('does it and breaks off');
    await rooms.house.settle(customerId);
    expect(await firstOf(customerId)).toMatchObject({ state: 'CREATED', attentionCode: 'PROVIDER_UNAVAILABLE' });
    rooms.house.passTime(5 * SECOND_MS);
    await rooms.house.settle(customerId);
    expect(await firstOf(customerId)).toMatchObject({ state: 'ACTIVE' });
    await rooms.merchant.cancel(subscription.id);
    await rooms.house.settle(customerId);
    expect(rooms.provider.of(account)).toEqual({});
  });

  test('that cannot take it away leaves the grant ACTIVE and told of, for as long as that takes', async () => {
    const { customerId, account, subscription } = await rooms.subscriber('lobby', 'attic');
    await rooms.house.settle(customerId);
    await rooms.merchant.cancel(subscription.id);
    rooms.provider.faults.push({ status: 503 });
    await rooms.house.settle(customerId);
    expect(await firstOf(customerId)).toMatchObject({
      state: 'ACTIVE',
      attentionCode: 'PROVIDER_UNAVAILABLE',
      revokedAt: null,
    });
    expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
    for (const fault of [{ status: 403 }, { status: 410 }, 'breaks off'] as const) {
      rooms.provider.faults.push(fault);
      rooms.house.passTime(MINUTE_MS);
      await rooms.house.settle(customerId);
      expect((await firstOf(customerId)).state).toBe('ACTIVE');
    }
    rooms.house.passTime(MINUTE_MS);
    await rooms.house.settle(customerId);
    expect(await firstOf(customerId)).toMatchObject({
      state: 'REVOKED',
      attentionCode: null,
      revokedAt: rooms.house.time.now,
    });
    expect(rooms.provider.of(account)).toEqual({});
  });
});

test('a provider that hangs is waited for as long as a call may take', async () => {
  const { customerId, account } = await rooms.subscriber('lobby');
  const { transaction, kinds, means, log } = rooms.house;
  rooms.provider.faults.push('hangs');
  await settle({ transaction, kinds, means, log, callMs: 1_500 }, customerId);
  expect(await firstOf(customerId)).toMatchObject({
    state: 'CREATED',
    attentionCode: 'TIMED_OUT',
    attentionActor: 'SYSTEM',
  });
  rooms.house.passTime(5 * SECOND_MS);
  await rooms.house.settle(customerId);
  expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
});

test('a kind that does not come back in time is not waited for', async () => {
  const { customerId, account, subscription } = await rooms.subscriber('lobby');
  const { transaction, kinds, means, log } = rooms.house;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const stubborn = kinds.map((kind): Kind => {
    const { keep } = kind;
    if (keep.where !== 'outside') return kind;
    const deliver: typeof keep.deliver = async (order, hands) => {
      await released;
      return keep.deliver(order, hands);
    };
    return { ...kind, keep: { ...keep, deliver } };
  });
  await settle({ transaction, kinds: stubborn, means, log, callMs: 50 }, customerId);
  expect(await firstOf(customerId)).toMatchObject({
    state: 'CREATED',
    attentionCode: 'TIMED_OUT',
    attentionActor: 'SYSTEM',
  });
  release();
  await rooms.merchant.cancel(subscription.id);
  await rooms.house.settle(customerId);
  expect(await firstOf(customerId)).toMatchObject({ state: 'REVOKED' });
  expect(rooms.provider.of(account)).toEqual({});
});
