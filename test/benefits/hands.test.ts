import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as resources from '../../src/domain/resources.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/lib/time.ts';
import type { Holder } from '../support/rooms.ts';
import { openRooms, type Rooms } from '../support/rooms.ts';

let rooms: Rooms;
beforeAll(async () => {
  rooms = await openRooms();
});
afterAll(() => rooms[Symbol.asyncDispose]());
beforeEach(() => rooms.reset());

describe('an access that two grants hold', () => {
  test('of one customer, by two benefits, goes with the last of them', async () => {
    const account = rooms.newAccount();
    const benefits = [await rooms.place(2), await rooms.place(2)];
    const [first, second] = await Promise.all(benefits.map(async ({ id }) => rooms.house.product([id])));
    const customer = await rooms.house.customer();
    await rooms.merchant.rename(customer.id, account);
    const one = await rooms.merchant.subscribe(customer.id, first?.id ?? '');
    rooms.house.passTime(1);
    const other = await rooms.merchant.subscribe(customer.id, second?.id ?? '');
    await rooms.house.settle(customer.id);
    await rooms.merchant.cancel(one.id);
    await rooms.house.settle(customer.id);
    expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
    expect((await rooms.house.grants(customer.id)).map(({ state }) => state)).toEqual(['REVOKED', 'ACTIVE']);
    await rooms.merchant.cancel(other.id);
    await rooms.house.settle(customer.id);
    expect(rooms.provider.of(account)).toEqual({});
    expect(rooms.provider.writes.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });

  test('or one that names it twice, is claimed at the higher level', async () => {
    const holder = await rooms.holder(rooms.newAccount());
    const { organizationId, id: grantId } = await holder.first();
    const claims = [2, 3, 1].map((level) => ({ key: `attic:${holder.account}`, level }));
    const { transaction, prisma } = rooms.house;
    expect(await transaction((tx) => resources.claim(tx, { organizationId, grantId }, claims))).toBe(true);
    const kept = await prisma.resourceClaim.findMany({ where: { grantId, key: { startsWith: 'attic' } } });
    expect(kept.map(({ level }) => level)).toEqual([3]);
  });

  test('of two customers with one account goes with the last of them', async () => {
    const account = rooms.newAccount();
    const [one, other] = [await rooms.holder(account), await rooms.holder(account)];
    await one.end();
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
    await other.end();
    await other.settle();
    expect(rooms.provider.of(account)).toEqual({});
    expect(await rooms.claims(account)).toBe(0);
  });

  test('is held as well by one that was promised and could not be delivered yet', async () => {
    const account = rooms.newAccount();
    const one = await rooms.holder(account);
    rooms.provider.faults.push({ status: 403 });
    const other = await rooms.holder(account);
    expect(await other.first()).toMatchObject({ state: 'CREATED', attentionCode: 'MISSING_PERMISSION' });
    await one.end();
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
    await other.end();
    await other.settle();
    expect(rooms.provider.of(account)).toEqual({});
  });

  test('stands at the highest level, and is lowered when its holder goes', async () => {
    const account = rooms.newAccount();
    const [low, high, middle] = [
      await rooms.holder(account, 1),
      await rooms.holder(account, 5),
      await rooms.holder(account, 3),
    ];
    expect(rooms.provider.of(account)).toEqual({ lobby: 5 });
    await high.end();
    await high.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 3 });
    await low.end();
    await low.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 3 });
    await middle.end();
    await middle.settle();
    expect(rooms.provider.of(account)).toEqual({});
    expect(rooms.told()).toEqual([
      'PUT lobby 1',
      'PUT lobby 5',
      'PUT lobby 5',
      'PUT lobby 3',
      'PUT lobby 3',
      'DELETE lobby',
    ]);
  });

  test('that both end at one moment is taken away exactly once', async () => {
    for (let round = 0; round < 5; round++) {
      const account = rooms.newAccount();
      const [one, other] = [await rooms.holder(account), await rooms.holder(account)];
      rooms.provider.writes.length = 0;
      await Promise.all([one.end(), other.end()]);
      await Promise.all([one.settle(), other.settle()]);
      rooms.house.passTime(2 * SECOND_MS);
      await Promise.all([one.settle(), other.settle()]);
      expect(rooms.told()).toEqual(['DELETE lobby']);
      expect([await one.first(), await other.first()]).toMatchObject([{ state: 'REVOKED' }, { state: 'REVOKED' }]);
      expect(rooms.provider.of(account)).toEqual({});
      expect(await rooms.claims(account)).toBe(0);
    }
  });

  test('is given again to whoever is entitled again before they knew that it was taken', async () => {
    const account = rooms.newAccount();
    const [one, other] = [await rooms.holder(account), await rooms.holder(account)];
    await one.end();
    await other.pause();
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({});
    await other.resume();
    await other.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
    expect(await other.first()).toMatchObject({ state: 'ACTIVE', attentionCode: null });
  });

  test('is given again to whoever is entitled again while it is being taken', async () => {
    const account = rooms.newAccount();
    const [one, other] = [await rooms.holder(account), await rooms.holder(account)];
    await one.end();
    await other.pause();
    const heard = rooms.meanwhile(async () => {
      await other.resume();
      await other.settle();
      expect(await other.first()).toMatchObject({ state: 'ACTIVE', attentionCode: 'BEING_REMOVED' });
    });
    await one.settle();
    await heard;
    expect(rooms.provider.of(account)).toEqual({});
    rooms.house.passTime(2 * SECOND_MS);
    await other.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
    expect(await other.first()).toMatchObject({ state: 'ACTIVE', attentionCode: null });
  });
});

describe('while an access is being taken away', () => {
  test('another claimant waits, and is let in afterwards', async () => {
    const account = rooms.newAccount();
    const one = await rooms.holder(account);
    await one.end();
    let waiting: Holder | undefined;
    const heard = rooms.meanwhile(async () => {
      waiting = await rooms.holder(account);
      expect(await waiting.first()).toMatchObject({
        state: 'CREATED',
        attentionCode: 'BEING_REMOVED',
        attentionActor: 'SYSTEM',
      });
    });
    await one.settle();
    await heard;
    expect(rooms.provider.of(account)).toEqual({});
    rooms.house.passTime(2 * SECOND_MS);
    await waiting?.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
    expect(await waiting?.first()).toMatchObject({ state: 'ACTIVE', attentionCode: null });
  });

  test('a failing removal does not keep others out for longer than a minute', async () => {
    const account = rooms.newAccount();
    const one = await rooms.holder(account);
    await one.end();
    rooms.provider.faults.push('breaks off');
    await one.settle();
    const other = await rooms.holder(account);
    expect(await other.first()).toMatchObject({ attentionCode: 'BEING_REMOVED' });
    rooms.house.passTime(MINUTE_MS);
    await other.settle();
    expect(await other.first()).toMatchObject({ state: 'ACTIVE' });
    await one.settle();
    expect(await one.first()).toMatchObject({ state: 'REVOKED' });
    expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
  });

  test('by a worker that died, the next holder who ends takes it away', async () => {
    const account = rooms.newAccount();
    const [one, other] = [await rooms.holder(account), await rooms.holder(account)];
    await Promise.all([one.end(), other.end()]);
    rooms.provider.faults.push('breaks off');
    await one.settle();
    await other.settle();
    expect(await other.first()).toMatchObject({ state: 'ACTIVE', attentionCode: 'BEING_REMOVED' });
    rooms.house.passTime(MINUTE_MS);
    await other.settle();
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({});
    expect(rooms.provider.writes.filter(({ method }) => method === 'DELETE')).toHaveLength(2);
    expect([await one.first(), await other.first()]).toMatchObject([{ state: 'REVOKED' }, { state: 'REVOKED' }]);
  });
});
