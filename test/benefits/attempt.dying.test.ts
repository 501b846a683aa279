import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { settle } from '../../src/benefits/fulfillment.ts';
import { MINUTE_MS } from '../../src/lib/time.ts';
import { openRooms, type Rooms } from '../support/rooms.ts';

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

describe('a worker that dies', () => {
  /** It called, and was never heard of again: what it would have written is undone. */
  async function dies(customerId: string) {
    const { transaction, kinds, means, log } = rooms.house;
    let called = false;
    rooms.provider.onWrite = () => {
      called = true;
    };
    const mortal: typeof transaction = (work) =>
      called ? Promise.reject(new Error('It is dead.')) : transaction(work);
    await expect(settle({ transaction: mortal, kinds, means, log }, customerId)).rejects.toThrow('It is dead.');
    rooms.provider.onWrite = () => {};
  }

  test('between the effect and its record is replaced, and it is given once', async () => {
    const { customerId, account } = await rooms.subscriber('lobby', 'attic');
    await dies(customerId);
    expect(await firstOf(customerId)).toMatchObject({ state: 'CREATED' });
    const { settleAt } = await rooms.house.prisma.customer.findUniqueOrThrow({ where: { id: customerId } });
    expect(settleAt?.getTime()).toBe(rooms.house.time.now.getTime() + MINUTE_MS);
    await rooms.house.settle(customerId);
    expect(rooms.provider.writes).toHaveLength(1);
    rooms.house.passTime(MINUTE_MS);
    await rooms.house.settle(customerId);
    expect(rooms.provider.of(account)).toEqual({ lobby: 2, attic: 2 });
    expect((await rooms.house.grants(customerId)).map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE']);
  });

  test('does not make what it gave look as if it had been there before', async () => {
    const { customerId, account, subscription } = await rooms.subscriber('lobby');
    await dies(customerId);
    await rooms.merchant.cancel(subscription.id);
    rooms.house.passTime(MINUTE_MS);
    await rooms.house.settle(customerId);
    expect(rooms.provider.of(account)).toEqual({});
    expect(await firstOf(customerId)).toMatchObject({ state: 'REVOKED' });
  });

  test('while it takes something away is replaced, also when that is due again by then', async () => {
    const { customerId, order, account } = await rooms.buyer('lobby');
    await rooms.house.settle(customerId);
    const refund = await rooms.merchant.refund({ orderId: order.id });
    await dies(customerId);
    expect(rooms.provider.of(account)).toEqual({});
    await rooms.merchant.reportRefund(refund.id, 'FAILED');
    rooms.house.passTime(MINUTE_MS);
    await rooms.house.settle(customerId);
    expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
  });

  test('is not missed by who comes after its lease, and its late word does not end the lease of another', async () => {
    const { customerId, account } = await rooms.subscriber('lobby');
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { transaction, kinds, means, log } = rooms.house;
    const slow: typeof transaction = async (work) => {
      if (rooms.provider.writes.length > 0) await released;
      return transaction(work);
    };
    const late = settle({ transaction: slow, kinds, means, log }, customerId);
    await expect.poll(() => rooms.provider.writes.length).toBe(1);
    rooms.house.passTime(2 * MINUTE_MS);
    const heard = rooms.meanwhile(async () => {
      release();
      await late;
      const { settlingUntil } = await rooms.house.prisma.customer.findUniqueOrThrow({ where: { id: customerId } });
      expect(settlingUntil).not.toBeNull();
    });
    await rooms.house.settle(customerId);
    await heard;
    expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
  });
});
