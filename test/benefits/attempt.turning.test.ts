import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
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

describe('while a call is under way', () => {
  test('nobody else calls for the same customer', async () => {
    const { customerId } = await rooms.subscriber('lobby', 'attic');
    const heard = rooms.meanwhile(() => rooms.house.settle(customerId));
    await rooms.house.settle(customerId);
    await heard;
    expect(rooms.provider.writes.map(({ room }) => room)).toEqual(['lobby', 'attic']);
  });

  test('a cancellation is heard, and what was just given is taken away again', async () => {
    const { customerId, account, subscription } = await rooms.subscriber('lobby', 'attic');
    const heard = rooms.meanwhile(() => rooms.merchant.cancel(subscription.id));
    await rooms.house.settle(customerId);
    await heard;
    expect(rooms.provider.of(account)).toEqual({});
    expect(rooms.provider.writes.map(({ method, room }) => `${method} ${room}`)).toEqual(['PUT lobby', 'DELETE lobby']);
    expect((await rooms.house.grants(customerId)).map(({ state }) => state)).toEqual(['REVOKED', 'REVOKED']);
  });

  test.each<[what: string, fault: Fault]>([
    ['that cannot be made', { status: 503 }],
    ['that somebody must act for', { status: 403 }],
    ['that was given up', { status: 410 }],
    ['that breaks off', 'breaks off'],
  ])('a cancellation is not delayed by a call %s', async (_, fault) => {
    const { customerId, subscription, account } = await rooms.subscriber('lobby');
    const events = rooms.house.prisma.event;
    rooms.provider.faults.push(fault);
    const before = await events.count();
    const heard = rooms.meanwhile(() => rooms.merchant.cancel(subscription.id));
    await rooms.house.settle(customerId);
    await heard;
    expect(await firstOf(customerId)).toMatchObject({ state: 'REVOKED', attentionCode: null });
    expect(rooms.provider.of(account)).toEqual({});
    const told = (await events.findMany({ skip: before, orderBy: { sequence: 'asc' } })).map(({ type }) => type);
    expect(told.filter((type) => !type.startsWith('customer.'))).toEqual([
      'subscription.canceled',
      'benefit_grant.updated',
      'benefit_grant.revoked',
    ]);
  });

  test('a withdrawal that is taken back gives it again, whatever became of the call', async () => {
    for (const fault of [undefined, { status: 503 }, 'does it and breaks off'] as const) {
      const { customerId, order, account } = await rooms.buyer('lobby');
      await rooms.house.settle(customerId);
      const refund = await rooms.merchant.refund({ orderId: order.id });
      if (fault) rooms.provider.faults.push(fault);
      const heard = rooms.meanwhile(() => rooms.merchant.reportRefund(refund.id, 'FAILED'));
      await rooms.house.settle(customerId);
      await heard;
      await rooms.house.settle(customerId);
      expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
      expect(await firstOf(customerId)).toMatchObject({ state: 'ACTIVE', attentionCode: null });
    }
  });

  test('an edit of the benefit is heard, and delivered afterwards', async () => {
    const { customerId, account, benefits } = await rooms.subscriber('lobby');
    const heard = rooms.meanwhile(() => rooms.merchant.editBenefit(benefits[0]?.id ?? '', { room: 'attic', level: 3 }));
    await rooms.house.settle(customerId);
    await heard;
    await rooms.house.settle(customerId);
    expect(rooms.provider.of(account)).toEqual({ attic: 3 });
    expect(await firstOf(customerId)).toMatchObject({ state: 'ACTIVE', appliedVersion: 2 });
  });
});
