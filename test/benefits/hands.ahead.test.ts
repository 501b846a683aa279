import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SECOND_MS } from '../../src/lib/time.ts';
import { openRooms, type Rooms } from '../support/rooms.ts';

let rooms: Rooms;
beforeAll(async () => {
  rooms = await openRooms();
});
afterAll(() => rooms[Symbol.asyncDispose]());
beforeEach(() => rooms.reset());

describe('what a customer is entitled to and has yet to be given', () => {
  const deletes = () => rooms.provider.writes.filter(({ method }) => method === 'DELETE');

  test('is not taken away by a change of plan before, only changed', async () => {
    const [pro, basic] = [await rooms.place(5), await rooms.place(1)];
    const [from, to] = [await rooms.house.product([pro.id]), await rooms.house.product([basic.id])];
    const customer = await rooms.house.customer();
    const account = rooms.newAccount();
    await rooms.merchant.rename(customer.id, account);
    const subscription = await rooms.merchant.subscribe(customer.id, from.id);
    await rooms.house.settle(customer.id);
    await rooms.merchant.changeProduct(subscription.id, to.id);
    await rooms.house.settle(customer.id);
    expect(rooms.provider.of(account)).toEqual({ lobby: 1 });
    rooms.house.passTime(2 * SECOND_MS);
    await rooms.house.settle(customer.id);
    expect((await rooms.house.grants(customer.id)).map(({ state }) => state).sort()).toEqual(['ACTIVE', 'REVOKED']);
    expect(rooms.provider.of(account)).toEqual({ lobby: 1 });
    expect(deletes()).toEqual([]);
    await rooms.merchant.cancel(subscription.id);
    await rooms.house.settle(customer.id);
    expect(rooms.provider.of(account)).toEqual({});
    expect(await rooms.claims(account)).toBe(0);
  });

  test('is not taken away by the end of an older purchase', async () => {
    const account = rooms.newAccount();
    const one = await rooms.holder(account);
    const next = await rooms.merchant.subscribe(one.customerId, (await rooms.house.product([one.benefit.id])).id);
    await one.end();
    await one.settle();
    rooms.house.passTime(2 * SECOND_MS);
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
    expect(deletes()).toEqual([]);
    await rooms.merchant.cancel(next.id);
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({});
  });

  test('and nobody could look at, is claimed no more when it ends', async () => {
    const account = rooms.newAccount();
    rooms.provider.away = true;
    const one = await rooms.holder(account);
    expect(await one.first()).toMatchObject({ state: 'CREATED', held: null, attentionCode: 'PROVIDER_UNAVAILABLE' });
    expect(await rooms.claims(account)).toBe(1);
    await one.end();
    await one.settle();
    expect(await one.first()).toMatchObject({ state: 'REVOKED' });
    expect(await rooms.claims(account)).toBe(0);
  });

  test('and never is given, leaves nothing behind', async () => {
    const account = rooms.newAccount();
    const one = await rooms.holder(account);
    rooms.provider.away = true;
    const next = await rooms.merchant.subscribe(one.customerId, (await rooms.house.product([one.benefit.id])).id);
    await one.end();
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
    expect((await rooms.house.grants(one.customerId)).map(({ state }) => state).sort()).toEqual(['ACTIVE', 'CREATED']);
    await rooms.merchant.cancel(next.id);
    rooms.provider.away = false;
    rooms.house.passTime(2 * SECOND_MS);
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({});
    expect((await rooms.house.grants(one.customerId)).map(({ state }) => state)).toEqual(['REVOKED', 'REVOKED']);
    expect(await rooms.claims(account)).toBe(0);
  });

  test('after an edit moved it there, and never is, leaves nothing behind either', async () => {
    const account = rooms.newAccount();
    const [one, other] = [await rooms.holder(account, 2, 'lobby'), await rooms.holder(account, 2, 'attic')];
    rooms.provider.away = true;
    await rooms.merchant.editBenefit(other.benefit.id, { room: 'lobby', level: 2 });
    await other.settle();
    await one.end();
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 2 });
    await other.end();
    rooms.provider.away = false;
    rooms.house.passTime(2 * SECOND_MS);
    await other.settle();
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({});
    expect(await rooms.claims(account)).toBe(0);
  });
});
