import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openRooms, type Rooms } from '../support/rooms.ts';

let rooms: Rooms;
beforeAll(async () => {
  rooms = await openRooms();
});
afterAll(() => rooms[Symbol.asyncDispose]());
beforeEach(() => rooms.reset());

describe('what the owner gave by hand', () => {
  test('is put back and not taken', async () => {
    const account = rooms.newAccount();
    rooms.provider.rooms.set('lobby', new Map([[account, 1]]));
    const one = await rooms.holder(account, 4);
    expect(rooms.provider.of(account)).toEqual({ lobby: 4 });
    await one.end();
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 1 });
  });

  test('is never lowered by what we give', async () => {
    const account = rooms.newAccount();
    rooms.provider.rooms.set('lobby', new Map([[account, 5]]));
    const one = await rooms.holder(account, 2);
    expect(rooms.provider.of(account)).toEqual({ lobby: 5 });
    await one.end();
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 5 });
  });

  test('is told from what another grant of ours had given', async () => {
    const account = rooms.newAccount();
    const [one, other] = [await rooms.holder(account), await rooms.holder(account)];
    await one.end();
    await one.settle();
    await other.end();
    await other.settle();
    expect(rooms.provider.of(account)).toEqual({});
  });

  test('is put back by whoever goes last, though somebody else came first', async () => {
    const account = rooms.newAccount();
    rooms.provider.rooms.set('lobby', new Map([[account, 1]]));
    const [one, other] = [await rooms.holder(account, 3), await rooms.holder(account, 4)];
    await one.end();
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 4 });
    await other.end();
    await other.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 1 });
  });

  test('after ours was taken away is the owner’s again', async () => {
    const account = rooms.newAccount();
    const one = await rooms.holder(account);
    await one.end();
    await one.settle();
    rooms.provider.rooms.set('lobby', new Map([[account, 3]]));
    const other = await rooms.holder(account, 2);
    await other.end();
    await other.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 3 });
  });

  test('after a claim that came to nothing is the owner’s as well', async () => {
    const account = rooms.newAccount();
    rooms.provider.faults.push({ status: 410 });
    const one = await rooms.holder(account);
    await one.end();
    await one.settle();
    expect(await rooms.claims(account)).toBe(0);
    rooms.provider.rooms.set('lobby', new Map([[account, 3]]));
    const other = await rooms.holder(account, 2);
    await other.end();
    await other.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 3 });
  });
});

describe('an edit that moves the access elsewhere', () => {
  test('takes away what was recorded, and not what the benefit says by then', async () => {
    const account = rooms.newAccount();
    const one = await rooms.holder(account, 2, 'lobby');
    await rooms.merchant.editBenefit(one.benefit.id, { room: 'attic', level: 3 });
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({ attic: 3 });
    await rooms.merchant.editBenefit(one.benefit.id, { room: 'cellar', level: 1 });
    await one.end();
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({});
    expect(await rooms.claims(account)).toBe(0);
  });

  test('leaves no claim behind that would keep it for somebody else', async () => {
    const account = rooms.newAccount();
    const one = await rooms.holder(account, 2, 'lobby');
    await rooms.merchant.editBenefit(one.benefit.id, { room: 'attic', level: 2 });
    await one.settle();
    const other = await rooms.holder(account, 2, 'lobby');
    await other.end();
    await other.settle();
    expect(rooms.provider.of(account)).toEqual({ attic: 2 });
  });

  test('leaves what somebody else holds there', async () => {
    const account = rooms.newAccount();
    const [one, other] = [await rooms.holder(account, 4, 'lobby'), await rooms.holder(account, 2, 'lobby')];
    await rooms.merchant.editBenefit(one.benefit.id, { room: 'attic', level: 4 });
    await one.settle();
    expect(rooms.provider.of(account)).toEqual({ lobby: 2, attic: 4 });
    expect(await other.first()).toMatchObject({ state: 'ACTIVE' });
  });

  test('of the level raises and lowers it', async () => {
    const account = rooms.newAccount();
    const one = await rooms.holder(account, 2);
    for (const level of [5, 1]) {
      await rooms.merchant.editBenefit(one.benefit.id, { room: 'lobby', level });
      await one.settle();
      expect(rooms.provider.of(account)).toEqual({ lobby: level });
    }
  });
});
