import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { settle } from '../../src/benefits/fulfillment.ts';
import type { Kind } from '../../src/benefits/kind.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';
import { toyInRows, toyOutside } from '../support/toy-kind.ts';
import { openProvider, type Provider } from '../support/toy-provider.ts';

let provider: Provider;
let house: House;
let merchant: Merchant;

beforeAll(async () => {
  provider = await openProvider();
  house = await openHouse({ kinds: [toyOutside(provider.url), toyInRows()] });
  merchant = merchantOf(house);
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});
beforeEach(() => {
  provider.rooms.clear();
  provider.writes.length = 0;
});
afterEach(() => {
  expect(provider.faults).toEqual([]);
  provider.onWrite = () => {};
});

let count = 0;
/** A customer with an account of their own who subscribes to a place in each of these rooms. */
async function subscriber(...rooms: string[]) {
  const benefits = [];
  for (const room of rooms) benefits.push(await house.benefit('toy_room', { room, level: 2 }));
  const made = await merchant.subscriber(benefits.map(({ id }) => id));
  const account = `account${++count}`;
  await merchant.rename(made.customer.id, account);
  return { ...made, benefits, account, customerId: made.customer.id };
}

const firstOf = async (customerId: string) => {
  const [grant] = await house.grants(customerId);
  if (!grant) throw new Error('They have no grant.');
  return grant;
};

describe('what is kept outside', () => {
  test('is given, and taken away when entitlement ends', async () => {
    const { customerId, subscription, account } = await subscriber('lobby', 'attic');
    await house.settle(customerId);
    expect(provider.of(account)).toEqual({ lobby: 2, attic: 2 });
    await merchant.cancel(subscription.id);
    await house.settle(customerId);
    expect(provider.of(account)).toEqual({});
    expect((await house.grants(customerId)).map(({ state }) => state)).toEqual(['REVOKED', 'REVOKED']);
    expect(provider.writes.map(({ method, room }) => `${method} ${room}`)).toEqual([
      'PUT lobby',
      'PUT attic',
      'DELETE lobby',
      'DELETE attic',
    ]);
  });

  test('is not touched when nothing is missing', async () => {
    const { customerId } = await subscriber('lobby');
    await house.settle(customerId);
    await house.settle(customerId);
    expect(provider.writes).toHaveLength(1);
  });

  test('waits for a customer who has to act, and goes on when it is retried', async () => {
    const { customerId, account } = await subscriber('lobby');
    await merchant.rename(customerId, null);
    await house.settle(customerId);
    expect(await firstOf(customerId)).toMatchObject({
      state: 'CREATED',
      attentionCode: 'CONNECT_TOY',
      attentionActor: 'CUSTOMER',
      retryAt: null,
    });
    await merchant.rename(customerId, account);
    await merchant.retry((await firstOf(customerId)).id);
    await house.settle(customerId);
    expect(provider.of(account)).toEqual({ lobby: 2 });
  });

  test('and waits for the customer is withdrawn when entitlement ends, and linking an account afterwards gives nothing', async () => {
    const { customerId, account, subscription } = await subscriber('lobby');
    await merchant.rename(customerId, null);
    await house.settle(customerId);
    await merchant.cancel(subscription.id);
    await house.settle(customerId);
    expect(await firstOf(customerId)).toMatchObject({ state: 'REVOKED', attentionCode: null });
    await merchant.rename(customerId, account);
    await merchant.retry((await firstOf(customerId)).id);
    await house.settle(customerId);
    expect(provider.of(account)).toEqual({});
  });
});

describe('a provider', () => {
  test.each<[what: string, fault: Provider['faults'][number], attention: (string | null)[], seconds: number | null]>([
    ['that fails', { status: 503 }, ['PROVIDER_UNAVAILABLE', 'SYSTEM'], 5],
    ['that hangs', 'hangs', ['PROVIDER_UNAVAILABLE', 'SYSTEM'], 5],
    ['that limits the rate', { status: 429, retryAfterSeconds: 90 }, ['PROVIDER_UNAVAILABLE', 'SYSTEM'], 90],
    ['that does not let us', { status: 403 }, ['MISSING_PERMISSION', 'MERCHANT'], null],
    ['that has nothing there', { status: 410 }, ['GAVE_UP', 'SYSTEM'], null],
  ])('%s is told apart, and does not hold back the next benefit', async (_, fault, attention, seconds) => {
    const { customerId, account } = await subscriber('lobby', 'attic');
    provider.faults.push(fault);
    await house.settle(customerId);
    const grant = await firstOf(customerId);
    expect([grant.state, grant.attentionCode, grant.attentionActor]).toEqual(['CREATED', ...attention]);
    expect(grant.retryAt && (grant.retryAt.getTime() - house.time.now.getTime()) / SECOND_MS).toBe(seconds);
    expect(provider.of(account)).toEqual({ attic: 2 });
    if (seconds) house.passTime(seconds * SECOND_MS);
    else await merchant.retry(grant.id);
    await house.settle(customerId);
    expect(provider.of(account)).toEqual({ lobby: 2, attic: 2 });
    expect(await firstOf(customerId)).toMatchObject({ state: 'ACTIVE', attentionCode: null, attempts: 0 });
  });

  test('that does what it was asked and says nothing is asked again, to the same end', async () => {
    const { customerId, account, subscription } = await subscriber('lobby');
    provider.faults.push('does it and says nothing');
    await house.settle(customerId);
    expect(await firstOf(customerId)).toMatchObject({ state: 'CREATED', attentionCode: 'PROVIDER_UNAVAILABLE' });
    house.passTime(5 * SECOND_MS);
    await house.settle(customerId);
    expect(await firstOf(customerId)).toMatchObject({ state: 'ACTIVE' });
    await merchant.cancel(subscription.id);
    await house.settle(customerId);
    expect(provider.of(account)).toEqual({});
  });

  test('that cannot take it away leaves the grant ACTIVE and told of, for as long as that takes', async () => {
    const { customerId, account, subscription } = await subscriber('lobby', 'attic');
    await house.settle(customerId);
    await merchant.cancel(subscription.id);
    provider.faults.push({ status: 503 });
    await house.settle(customerId);
    expect(await firstOf(customerId)).toMatchObject({
      state: 'ACTIVE',
      attentionCode: 'PROVIDER_UNAVAILABLE',
      revokedAt: null,
    });
    expect(provider.of(account)).toEqual({ lobby: 2 });
    for (const fault of [{ status: 403 }, { status: 410 }, 'hangs'] as const) {
      provider.faults.push(fault);
      house.passTime(MINUTE_MS);
      await house.settle(customerId);
      expect((await firstOf(customerId)).state).toBe('ACTIVE');
    }
    house.passTime(MINUTE_MS);
    await house.settle(customerId);
    expect(await firstOf(customerId)).toMatchObject({
      state: 'REVOKED',
      attentionCode: null,
      revokedAt: house.time.now,
    });
    expect(provider.of(account)).toEqual({});
  });
});

test('a kind that never comes back is not waited for, and what it still does later is repaired', async () => {
  const { customerId, account, subscription } = await subscriber('lobby');
  const { transaction, kinds, log } = house;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const stubborn = kinds.map((kind): Kind => {
    const { keep } = kind;
    if (keep.where !== 'outside') return kind;
    return { ...kind, keep: { ...keep, deliver: (order, hands) => released.then(() => keep.deliver(order, hands)) } };
  });
  await settle({ transaction, kinds: stubborn, log, callMs: 50 }, customerId);
  expect(await firstOf(customerId)).toMatchObject({
    state: 'CREATED',
    attentionCode: 'TIMED_OUT',
    attentionActor: 'SYSTEM',
  });
  release();
  await expect
    .poll(() => provider.writes.length, { timeout: 200 })
    .toBe(0)
    .catch(() => {});
  await merchant.cancel(subscription.id);
  await house.settle(customerId);
  expect(provider.of(account)).toEqual({});
});

describe('while a call is under way', () => {
  /** Does something while the provider has done what was asked and has not said so. */
  const meanwhile = (work: () => Promise<unknown>) => {
    provider.onWrite = async () => {
      provider.onWrite = () => {};
      await work();
    };
  };

  test('nobody else calls for the same customer', async () => {
    const { customerId } = await subscriber('lobby', 'attic');
    meanwhile(() => house.settle(customerId));
    await house.settle(customerId);
    expect(provider.writes.map(({ room }) => room)).toEqual(['lobby', 'attic']);
  });

  test('a cancellation is heard, and what was just given is taken away again', async () => {
    const { customerId, account, subscription } = await subscriber('lobby', 'attic');
    meanwhile(() => merchant.cancel(subscription.id));
    await house.settle(customerId);
    expect(provider.of(account)).toEqual({});
    expect(provider.writes.map(({ method, room }) => `${method} ${room}`)).toEqual(['PUT lobby', 'DELETE lobby']);
    expect((await house.grants(customerId)).map(({ state }) => state)).toEqual(['REVOKED', 'REVOKED']);
  });

  test.each<[what: string, fault: Provider['faults'][number]]>([
    ['that cannot be made', { status: 503 }],
    ['that somebody must act for', { status: 403 }],
    ['that was given up', { status: 410 }],
    ['that nobody answers', 'hangs'],
  ])('a cancellation is not delayed by a call %s', async (_, fault) => {
    const { customerId, subscription, account } = await subscriber('lobby');
    const events = house.prisma.event;
    provider.faults.push(fault);
    const before = await events.count();
    meanwhile(() => merchant.cancel(subscription.id));
    await house.settle(customerId);
    expect(await firstOf(customerId)).toMatchObject({ state: 'REVOKED', attentionCode: null });
    expect(provider.of(account)).toEqual({});
    const told = (await events.findMany({ skip: before, orderBy: { sequence: 'asc' } })).map(({ type }) => type);
    expect(told.filter((type) => !type.startsWith('customer.'))).toEqual([
      'subscription.canceled',
      'benefit_grant.updated',
      'benefit_grant.revoked',
    ]);
  });

  test('a withdrawal that is taken back gives it again, whatever became of the call', async () => {
    for (const fault of [undefined, { status: 503 }, 'does it and says nothing'] as const) {
      const { customerId, order, account } = await buyer('lobby');
      await house.settle(customerId);
      const refund = await merchant.refund({ orderId: order.id });
      if (fault) provider.faults.push(fault);
      meanwhile(() => merchant.reportRefund(refund.id, 'FAILED'));
      await house.settle(customerId);
      await house.settle(customerId);
      expect(provider.of(account)).toEqual({ lobby: 2 });
      expect(await firstOf(customerId)).toMatchObject({ state: 'ACTIVE', attentionCode: null });
    }
  });

  test('an edit of the benefit is heard, and delivered afterwards', async () => {
    const { customerId, account, benefits } = await subscriber('lobby');
    meanwhile(() => merchant.editBenefit(benefits[0]?.id ?? '', { room: 'attic', level: 3 }));
    await house.settle(customerId);
    await house.settle(customerId);
    expect(provider.of(account)).toEqual({ attic: 3 });
    expect(await firstOf(customerId)).toMatchObject({ state: 'ACTIVE', appliedVersion: 2 });
  });
});

async function buyer(room: string) {
  const benefit = await house.benefit('toy_room', { room, level: 2 });
  const made = await merchant.buyer([benefit.id]);
  const account = `account${++count}`;
  await merchant.rename(made.customer.id, account);
  return { ...made, account, customerId: made.customer.id };
}

describe('a worker that dies', () => {
  /** It called, and was never heard of again: what it would have written is undone. */
  async function dies(customerId: string) {
    const { transaction, kinds, log } = house;
    let called = false;
    provider.onWrite = () => {
      called = true;
    };
    const mortal: typeof transaction = (work) =>
      called ? Promise.reject(new Error('It is dead.')) : transaction(work);
    await expect(settle({ transaction: mortal, kinds, log }, customerId)).rejects.toThrow('It is dead.');
    provider.onWrite = () => {};
  }

  test('between the effect and its record is replaced, and it is given once', async () => {
    const { customerId, account } = await subscriber('lobby', 'attic');
    await dies(customerId);
    expect(await firstOf(customerId)).toMatchObject({ state: 'CREATED' });
    const { settleAt } = await house.prisma.customer.findUniqueOrThrow({ where: { id: customerId } });
    expect(settleAt?.getTime()).toBe(house.time.now.getTime() + MINUTE_MS);
    await house.settle(customerId);
    expect(provider.writes).toHaveLength(1);
    house.passTime(MINUTE_MS);
    await house.settle(customerId);
    expect(provider.of(account)).toEqual({ lobby: 2, attic: 2 });
    expect((await house.grants(customerId)).map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE']);
  });

  test('does not make what it gave look as if it had been there before', async () => {
    const { customerId, account, subscription } = await subscriber('lobby');
    await dies(customerId);
    await merchant.cancel(subscription.id);
    house.passTime(MINUTE_MS);
    await house.settle(customerId);
    expect(provider.of(account)).toEqual({});
    expect(await firstOf(customerId)).toMatchObject({ state: 'REVOKED' });
  });

  test('while it takes something away is replaced, also when that is due again by then', async () => {
    const { customerId, order, account } = await buyer('lobby');
    await house.settle(customerId);
    const refund = await merchant.refund({ orderId: order.id });
    await dies(customerId);
    expect(provider.of(account)).toEqual({});
    await merchant.reportRefund(refund.id, 'FAILED');
    house.passTime(MINUTE_MS);
    await house.settle(customerId);
    expect(provider.of(account)).toEqual({ lobby: 2 });
  });

  test('is not missed by who comes after its lease, and its late word does not end the lease of another', async () => {
    const { customerId, account } = await subscriber('lobby');
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { transaction, kinds, log } = house;
    let calls = 0;
    const slow: typeof transaction = async (work) => {
      if (provider.writes.length > 0) await released;
      return transaction(work);
    };
    const late = settle({ transaction: slow, kinds, log }, customerId);
    await expect.poll(() => provider.writes.length).toBe(1);
    house.passTime(2 * MINUTE_MS);
    provider.onWrite = async () => {
      calls++;
      release();
      await late;
      const { settlingUntil } = await house.prisma.customer.findUniqueOrThrow({ where: { id: customerId } });
      expect(settlingUntil).not.toBeNull();
    };
    await house.settle(customerId);
    expect(calls).toBe(1);
    expect(provider.of(account)).toEqual({ lobby: 2 });
  });
});
