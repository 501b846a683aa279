import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';
import { toyOutside } from '../support/toy-kind.ts';
import { openProvider, type Provider, type Write } from '../support/toy-provider.ts';

let provider: Provider;
let house: House;
let merchant: Merchant;

beforeAll(async () => {
  provider = await openProvider();
  house = await openHouse({ kinds: [toyOutside(provider.url)] });
  merchant = merchantOf(house);
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});
beforeEach(() => {
  provider.rooms.clear();
  provider.writes.length = 0;
  provider.onWrite = () => {};
  provider.away = false;
});

let count = 0;
const newAccount = () => `account${++count}`;
const place = (level: number, room = 'lobby') => house.benefit('toy_room', { room, level });
const told = ({ method, room, level }: Write) => `${method} ${room}${level ? ` ${level}` : ''}`;
const claims = (account: string) => house.prisma.resourceClaim.count({ where: { key: { endsWith: `:${account}` } } });

/** Somebody who goes by this account and was given a place at this level. */
async function holder(account: string, level = 2, room = 'lobby') {
  const benefit = await place(level, room);
  const made = await merchant.subscriber([benefit.id]);
  await merchant.rename(made.customer.id, account);
  await house.settle(made.customer.id);
  return {
    id: made.customer.id,
    benefit,
    grant: async () => (await house.grants(made.customer.id))[0],
    settle: () => house.settle(made.customer.id),
    end: () => merchant.cancel(made.subscription.id),
    pause: () => merchant.report(made.subscription.id, { status: 'PAUSED' }),
    resume: () => merchant.report(made.subscription.id, { status: 'ACTIVE' }),
  };
}

describe('an access that two grants hold', () => {
  test('of one customer, by two benefits, goes with the last of them', async () => {
    const account = newAccount();
    const benefits = [await place(2), await place(2)];
    const [first, second] = await Promise.all(benefits.map(async ({ id }) => house.product([id])));
    const customer = await house.customer();
    await merchant.rename(customer.id, account);
    const one = await merchant.subscribe(customer.id, first?.id ?? '');
    house.passTime(1);
    const other = await merchant.subscribe(customer.id, second?.id ?? '');
    await house.settle(customer.id);
    await merchant.cancel(one.id);
    await house.settle(customer.id);
    expect(provider.of(account)).toEqual({ lobby: 2 });
    expect((await house.grants(customer.id)).map(({ state }) => state)).toEqual(['REVOKED', 'ACTIVE']);
    await merchant.cancel(other.id);
    await house.settle(customer.id);
    expect(provider.of(account)).toEqual({});
    expect(provider.writes.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });

  test('of two customers with one account goes with the last of them', async () => {
    const account = newAccount();
    const [one, other] = [await holder(account), await holder(account)];
    await one.end();
    await one.settle();
    expect(provider.of(account)).toEqual({ lobby: 2 });
    await other.end();
    await other.settle();
    expect(provider.of(account)).toEqual({});
    expect(await claims(account)).toBe(0);
  });

  test('is held as well by one that was promised and could not be delivered yet', async () => {
    const account = newAccount();
    const one = await holder(account);
    provider.faults.push({ status: 403 });
    const other = await holder(account);
    expect(await other.grant()).toMatchObject({ state: 'CREATED', attentionCode: 'MISSING_PERMISSION' });
    await one.end();
    await one.settle();
    expect(provider.of(account)).toEqual({ lobby: 2 });
    await other.end();
    await other.settle();
    expect(provider.of(account)).toEqual({});
  });

  test('stands at the highest level, and is lowered when its holder goes', async () => {
    const account = newAccount();
    const [low, high, middle] = [await holder(account, 1), await holder(account, 5), await holder(account, 3)];
    expect(provider.of(account)).toEqual({ lobby: 5 });
    await high.end();
    await high.settle();
    expect(provider.of(account)).toEqual({ lobby: 3 });
    await low.end();
    await low.settle();
    expect(provider.of(account)).toEqual({ lobby: 3 });
    await middle.end();
    await middle.settle();
    expect(provider.of(account)).toEqual({});
    expect(provider.writes.map(told)).toEqual([
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
      const account = newAccount();
      const [one, other] = [await holder(account), await holder(account)];
      provider.writes.length = 0;
      await Promise.all([one.end(), other.end()]);
      await Promise.all([one.settle(), other.settle()]);
      house.passTime(2 * SECOND_MS);
      await Promise.all([one.settle(), other.settle()]);
      expect(provider.writes.map(told)).toEqual(['DELETE lobby']);
      expect([await one.grant(), await other.grant()]).toMatchObject([{ state: 'REVOKED' }, { state: 'REVOKED' }]);
      expect(provider.of(account)).toEqual({});
      expect(await claims(account)).toBe(0);
    }
  });

  test('is given again to whoever is entitled again before they knew that it was taken', async () => {
    const account = newAccount();
    const [one, other] = [await holder(account), await holder(account)];
    await one.end();
    await other.pause();
    await one.settle();
    expect(provider.of(account)).toEqual({});
    await other.resume();
    await other.settle();
    expect(provider.of(account)).toEqual({ lobby: 2 });
    expect(await other.grant()).toMatchObject({ state: 'ACTIVE', attentionCode: null });
  });

  test('is given again to whoever is entitled again while it is being taken', async () => {
    const account = newAccount();
    const [one, other] = [await holder(account), await holder(account)];
    await one.end();
    await other.pause();
    provider.onWrite = async () => {
      provider.onWrite = () => {};
      await other.resume();
      await other.settle();
      expect(await other.grant()).toMatchObject({ state: 'ACTIVE', attentionCode: 'BEING_REMOVED' });
    };
    await one.settle();
    expect(provider.of(account)).toEqual({});
    house.passTime(2 * SECOND_MS);
    await other.settle();
    expect(provider.of(account)).toEqual({ lobby: 2 });
    expect(await other.grant()).toMatchObject({ state: 'ACTIVE', attentionCode: null });
  });
});

describe('what a customer is entitled to and has yet to be given', () => {
  const deletes = () => provider.writes.filter(({ method }) => method === 'DELETE');

  test('is not taken away by a change of plan before, only changed', async () => {
    const [pro, basic] = [await place(5), await place(1)];
    const [from, to] = [await house.product([pro.id]), await house.product([basic.id])];
    const customer = await house.customer();
    const account = newAccount();
    await merchant.rename(customer.id, account);
    const subscription = await merchant.subscribe(customer.id, from.id);
    await house.settle(customer.id);
    await merchant.changeProduct(subscription.id, to.id);
    await house.settle(customer.id);
    expect(provider.of(account)).toEqual({ lobby: 1 });
    house.passTime(2 * SECOND_MS);
    await house.settle(customer.id);
    expect((await house.grants(customer.id)).map(({ state }) => state).sort()).toEqual(['ACTIVE', 'REVOKED']);
    expect(provider.of(account)).toEqual({ lobby: 1 });
    expect(deletes()).toEqual([]);
    await merchant.cancel(subscription.id);
    await house.settle(customer.id);
    expect(provider.of(account)).toEqual({});
    expect(await claims(account)).toBe(0);
  });

  test('is not taken away by the end of an older purchase', async () => {
    const account = newAccount();
    const one = await holder(account);
    const next = await merchant.subscribe(one.id, (await house.product([one.benefit.id])).id);
    await one.end();
    await one.settle();
    house.passTime(2 * SECOND_MS);
    await one.settle();
    expect(provider.of(account)).toEqual({ lobby: 2 });
    expect(deletes()).toEqual([]);
    await merchant.cancel(next.id);
    await one.settle();
    expect(provider.of(account)).toEqual({});
  });

  test('and never is given, leaves nothing behind', async () => {
    const account = newAccount();
    const one = await holder(account);
    provider.away = true;
    const next = await merchant.subscribe(one.id, (await house.product([one.benefit.id])).id);
    await one.end();
    await one.settle();
    expect(provider.of(account)).toEqual({ lobby: 2 });
    expect((await house.grants(one.id)).map(({ state }) => state).sort()).toEqual(['ACTIVE', 'CREATED']);
    await merchant.cancel(next.id);
    provider.away = false;
    house.passTime(2 * SECOND_MS);
    await one.settle();
    expect(provider.of(account)).toEqual({});
    expect((await house.grants(one.id)).map(({ state }) => state)).toEqual(['REVOKED', 'REVOKED']);
    expect(await claims(account)).toBe(0);
  });

  test('after an edit moved it there, and never is, leaves nothing behind either', async () => {
    const account = newAccount();
    const [one, other] = [await holder(account, 2, 'lobby'), await holder(account, 2, 'attic')];
    provider.away = true;
    await merchant.editBenefit(other.benefit.id, { room: 'lobby', level: 2 });
    await other.settle();
    await one.end();
    await one.settle();
    expect(provider.of(account)).toEqual({ lobby: 2 });
    await other.end();
    provider.away = false;
    house.passTime(2 * SECOND_MS);
    await other.settle();
    await one.settle();
    expect(provider.of(account)).toEqual({});
    expect(await claims(account)).toBe(0);
  });
});

describe('while an access is being taken away', () => {
  test('another claimant waits, and is let in afterwards', async () => {
    const account = newAccount();
    const one = await holder(account);
    await one.end();
    let waiting: Awaited<ReturnType<typeof holder>> | undefined;
    provider.onWrite = async () => {
      provider.onWrite = () => {};
      waiting = await holder(account);
      expect(await waiting.grant()).toMatchObject({
        state: 'CREATED',
        attentionCode: 'BEING_REMOVED',
        attentionActor: 'SYSTEM',
      });
    };
    await one.settle();
    expect(provider.of(account)).toEqual({});
    house.passTime(2 * SECOND_MS);
    await waiting?.settle();
    expect(provider.of(account)).toEqual({ lobby: 2 });
    expect(await waiting?.grant()).toMatchObject({ state: 'ACTIVE', attentionCode: null });
  });

  test('a failing removal does not keep others out for longer than a minute', async () => {
    const account = newAccount();
    const one = await holder(account);
    await one.end();
    provider.faults.push('hangs');
    await one.settle();
    const other = await holder(account);
    expect(await other.grant()).toMatchObject({ attentionCode: 'BEING_REMOVED' });
    house.passTime(MINUTE_MS);
    await other.settle();
    expect(await other.grant()).toMatchObject({ state: 'ACTIVE' });
    await one.settle();
    expect(await one.grant()).toMatchObject({ state: 'REVOKED' });
    expect(provider.of(account)).toEqual({ lobby: 2 });
  });

  test('by a worker that died, the next holder who ends takes it away', async () => {
    const account = newAccount();
    const [one, other] = [await holder(account), await holder(account)];
    await Promise.all([one.end(), other.end()]);
    provider.faults.push('hangs');
    await one.settle();
    await other.settle();
    expect(await other.grant()).toMatchObject({ state: 'ACTIVE', attentionCode: 'BEING_REMOVED' });
    house.passTime(MINUTE_MS);
    await other.settle();
    await one.settle();
    expect(provider.of(account)).toEqual({});
    expect(provider.writes.filter(({ method }) => method === 'DELETE')).toHaveLength(2);
    expect([await one.grant(), await other.grant()]).toMatchObject([{ state: 'REVOKED' }, { state: 'REVOKED' }]);
  });
});

describe('what the owner gave by hand', () => {
  test('is put back and not taken', async () => {
    const account = newAccount();
    provider.rooms.set('lobby', new Map([[account, 1]]));
    const one = await holder(account, 4);
    expect(provider.of(account)).toEqual({ lobby: 4 });
    await one.end();
    await one.settle();
    expect(provider.of(account)).toEqual({ lobby: 1 });
  });

  test('is never lowered by what we give', async () => {
    const account = newAccount();
    provider.rooms.set('lobby', new Map([[account, 5]]));
    const one = await holder(account, 2);
    expect(provider.of(account)).toEqual({ lobby: 5 });
    await one.end();
    await one.settle();
    expect(provider.of(account)).toEqual({ lobby: 5 });
  });

  test('is told from what another grant of ours had given', async () => {
    const account = newAccount();
    const [one, other] = [await holder(account), await holder(account)];
    await one.end();
    await one.settle();
    await other.end();
    await other.settle();
    expect(provider.of(account)).toEqual({});
  });

  test('is put back by whoever goes last, though somebody else came first', async () => {
    const account = newAccount();
    provider.rooms.set('lobby', new Map([[account, 1]]));
    const [one, other] = [await holder(account, 3), await holder(account, 4)];
    await one.end();
    await one.settle();
    expect(provider.of(account)).toEqual({ lobby: 4 });
    await other.end();
    await other.settle();
    expect(provider.of(account)).toEqual({ lobby: 1 });
  });

  test('after ours was taken away is the owner’s again', async () => {
    const account = newAccount();
    const one = await holder(account);
    await one.end();
    await one.settle();
    provider.rooms.set('lobby', new Map([[account, 3]]));
    const other = await holder(account, 2);
    await other.end();
    await other.settle();
    expect(provider.of(account)).toEqual({ lobby: 3 });
  });

  test('after a claim that came to nothing is the owner’s as well', async () => {
    const account = newAccount();
    provider.faults.push({ status: 410 });
    const one = await holder(account);
    await one.end();
    await one.settle();
    expect(await claims(account)).toBe(0);
    provider.rooms.set('lobby', new Map([[account, 3]]));
    const other = await holder(account, 2);
    await other.end();
    await other.settle();
    expect(provider.of(account)).toEqual({ lobby: 3 });
  });
});

describe('an edit that moves the access elsewhere', () => {
  test('takes away what was recorded, and not what the benefit says by then', async () => {
    const account = newAccount();
    const one = await holder(account, 2, 'lobby');
    await merchant.editBenefit(one.benefit.id, { room: 'attic', level: 3 });
    await one.settle();
    expect(provider.of(account)).toEqual({ attic: 3 });
    await merchant.editBenefit(one.benefit.id, { room: 'cellar', level: 1 });
    await one.end();
    await one.settle();
    expect(provider.of(account)).toEqual({});
    expect(await claims(account)).toBe(0);
  });

  test('leaves no claim behind that would keep it for somebody else', async () => {
    const account = newAccount();
    const one = await holder(account, 2, 'lobby');
    await merchant.editBenefit(one.benefit.id, { room: 'attic', level: 2 });
    await one.settle();
    const other = await holder(account, 2, 'lobby');
    await other.end();
    await other.settle();
    expect(provider.of(account)).toEqual({ attic: 2 });
  });

  test('leaves what somebody else holds there', async () => {
    const account = newAccount();
    const [one, other] = [await holder(account, 4, 'lobby'), await holder(account, 2, 'lobby')];
    await merchant.editBenefit(one.benefit.id, { room: 'attic', level: 4 });
    await one.settle();
    expect(provider.of(account)).toEqual({ lobby: 2, attic: 4 });
    expect(await other.grant()).toMatchObject({ state: 'ACTIVE' });
  });

  test('of the level raises and lowers it', async () => {
    const account = newAccount();
    const one = await holder(account, 2);
    for (const level of [5, 1]) {
      await merchant.editBenefit(one.benefit.id, { room: 'lobby', level });
      await one.settle();
      expect(provider.of(account)).toEqual({ lobby: level });
    }
  });
});
