import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as meters from '../../src/domain/meters/meters.ts';
import { DAY_MS, HOUR_MS } from '../../src/lib/time.ts';
import { type Credits, creditsOf } from '../support/credits.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';

let house: House;
let merchant: Merchant;
let credits: Credits;
beforeAll(async () => {
  house = await openHouse();
  merchant = merchantOf(house);
  credits = creditsOf(house);
});
afterEach(() => credits.expectAgreement());
afterAll(() => house[Symbol.asyncDispose]());

const inDays = (days: number) => new Date(house.time.now.getTime() + days * DAY_MS);
/** Somebody in the first month of a subscription that gives so many credits. */
const monthly = (units: number, some: object = {}) => credits.subscriber(units, some, { currentPeriodEnd: inDays(30) });
/** Another product with credits of the same meter. */
const plan = async (meterId: string, units: number) => house.product([(await credits.benefit(meterId, units)).id]);
const settled = async (customerId: string) => {
  await house.settle(customerId);
  return credits.show(customerId);
};

describe('a subscription', () => {
  test('brings credits, which usage burns at once', async () => {
    const { customer, meterId } = await monthly(100);
    await credits.use(customer.id, meterId, 30);
    expect(await credits.show(customer.id)).toBe('100 - 30 = 70');
    expect(await credits.told(customer.id)).toEqual(['credit_balance.changed', 'credit_balance.changed']);
  });

  test('renewed twenty times at once brings one period', async () => {
    const { customer, meterId, subscription } = await monthly(100);
    await credits.use(customer.id, meterId, 40);
    const [periodStart, periodEnd] = [inDays(30), inDays(60)];
    house.passTime(30 * DAY_MS);
    await Promise.all(Array.from({ length: 20 }, () => merchant.renew(subscription.id, { periodStart, periodEnd })));
    await Promise.all(Array.from({ length: 20 }, () => house.settle(customer.id)));
    expect(await credits.show(customer.id)).toBe('100 - 0 = 100');
    const entries = await house.prisma.creditEntry.findMany({
      where: { ledger: { meterId } },
      orderBy: { sequence: 'asc' },
    });
    expect(entries.map(({ type, units }) => `${type} ${units}`)).toEqual([
      'CREDITED 100',
      'USED -40',
      'EXPIRED -60',
      'CREDITED 100',
    ]);
  });

  test('carries over what its benefit says, and that again', async () => {
    const { customer, meterId, subscription } = await monthly(100, { rollover: { max: 80 } });
    await credits.use(customer.id, meterId, 10);
    for (const shown of ['180 - 0 = 180', '180 - 0 = 180']) {
      const [periodStart, periodEnd] = [inDays(30), inDays(60)];
      house.passTime(30 * DAY_MS + HOUR_MS);
      await merchant.renew(subscription.id, { periodStart, periodEnd });
      expect(await settled(customer.id)).toBe(shown);
      house.passTime(-HOUR_MS);
    }
    house.passTime(HOUR_MS);
  });

  test('upgraded keeps what was used: 100, 80 used, to 1,000', async () => {
    const { customer, meterId, subscription } = await monthly(100);
    await credits.use(customer.id, meterId, 80);
    await merchant.changeProduct(subscription.id, (await plan(meterId, 1_000)).id);
    expect(await settled(customer.id)).toBe('1000 - 80 = 920');
  });

  test('downgraded owes nothing: 1,000, 500 used, to 100; and back again forgives nothing', async () => {
    const { customer, product, meterId, subscription } = await monthly(1_000);
    await credits.use(customer.id, meterId, 500);
    await merchant.changeProduct(subscription.id, (await plan(meterId, 100)).id);
    expect(await settled(customer.id)).toBe('100 - 100 = 0');
    await merchant.changeProduct(subscription.id, product.id);
    expect(await settled(customer.id)).toBe('1000 - 500 = 500');
  });

  test('changed when its period has ended, just before it is renewed, gets nothing for what is over', async () => {
    const { customer, meterId, subscription } = await monthly(100);
    await credits.use(customer.id, meterId, 130);
    const more = await credits.benefit(meterId, 1_000, { rollover: {} });
    const [periodStart, periodEnd] = [inDays(30), inDays(60)];
    house.passTime(30 * DAY_MS);
    await merchant.changeProduct(subscription.id, (await house.product([more.id])).id);
    expect(await settled(customer.id)).toBe('0 - 30 = -30');
    await merchant.renew(subscription.id, { periodStart, periodEnd });
    expect(await settled(customer.id)).toBe('1000 - 30 = 970');
  });

  test('changed when its renewal was told early keeps what was used of the period that still runs', async () => {
    const { customer, product, meterId, subscription } = await monthly(100);
    await credits.use(customer.id, meterId, 80);
    house.passTime(29 * DAY_MS);
    await merchant.renew(subscription.id, { periodStart: inDays(1), periodEnd: inDays(31) });
    await house.settle(customer.id);
    const more = await plan(meterId, 1_000);
    for (const [to, shown] of [
      [more, '1000 - 80 = 920'],
      [product, '100 - 80 = 20'],
      [more, '1000 - 80 = 920'],
    ] as const) {
      await merchant.changeProduct(subscription.id, to.id);
      expect(await settled(customer.id)).toBe(shown);
    }
    await credits.use(customer.id, meterId, 10);
    house.passTime(DAY_MS);
    expect(await settled(customer.id)).toBe('1000 - 0 = 1000');
    house.passTime(30 * DAY_MS);
    expect(await settled(customer.id)).toBe('0 - 0 = 0');
  });

  test('whose benefit is edited keeps what was used', async () => {
    const { customer, meterId, benefit } = await monthly(100);
    await credits.use(customer.id, meterId, 80);
    await merchant.editBenefit(benefit.id, { meterId, units: 1_000, priority: 0 });
    expect(await settled(customer.id)).toBe('1000 - 80 = 920');
    await merchant.editBenefit(benefit.id, { meterId, units: 50, priority: 0 });
    expect(await settled(customer.id)).toBe('50 - 50 = 0');
  });

  test('whose benefit gives credits of another meter takes the first ones back', async () => {
    const { customer, meterId, benefit } = await monthly(100);
    await credits.use(customer.id, meterId, 20);
    const other = await credits.meter();
    await merchant.editBenefit(benefit.id, { meterId: other, units: 70, priority: 0 });
    await house.settle(customer.id);
    const balances = await house.prisma.creditBalance.findMany({
      where: { customerId: customer.id },
      orderBy: { id: 'asc' },
    });
    expect(balances.map(({ balance }) => Number(balance))).toEqual([0, 70]);
    await merchant.editBenefit(benefit.id, { meterId, units: 100, priority: 0 });
    expect(await settled(customer.id)).toBe('100 - 20 = 80');
  });

  test('that ends takes its credits from that instant on, before any job has run; and gives back what it took', async () => {
    const { customer, meterId, subscription } = await monthly(100);
    await credits.use(customer.id, meterId, 30);
    await merchant.report(subscription.id, { status: 'PAUSED' });
    expect(await credits.show(customer.id)).toBe('0 - 0 = 0');
    await expect(credits.consume(customer.id, meterId, '1')).rejects.toMatchObject({ code: 'INSUFFICIENT_CREDITS' });
    await house.settle(customer.id);
    await merchant.report(subscription.id, { status: 'ACTIVE' });
    expect(await settled(customer.id)).toBe('100 - 30 = 70');
  });

  test('whose meter is archived keeps its credits and gets no new ones', async () => {
    const { customer, meterId, subscription } = await monthly(100);
    await house.transaction((tx) => meters.archive(tx, { organizationId: house.organizationId, id: meterId }));
    await merchant.report(subscription.id, { status: 'PAUSED' });
    await house.settle(customer.id);
    await merchant.report(subscription.id, { status: 'ACTIVE' });
    expect(await settled(customer.id)).toBe('100 - 0 = 100');
    await merchant.renew(subscription.id, { periodStart: inDays(1), periodEnd: inDays(31) });
    await house.settle(customer.id);
    expect(await house.grants(customer.id)).toMatchObject([
      { attentionCode: 'METER_ARCHIVED', attentionActor: 'MERCHANT' },
    ]);
  });

  test('that is refunded takes back what is left, and no more', async () => {
    const { customer, meterId, subscription } = await monthly(100);
    await credits.use(customer.id, meterId, 130);
    await merchant.refund({ subscriptionId: subscription.id });
    expect(await settled(customer.id)).toBe('0 - 30 = -30');
  });
});

describe('other sources', () => {
  test('an order gives credits without an end', async () => {
    const meterId = await credits.meter();
    const { customer } = await merchant.buyer([(await credits.benefit(meterId, 50)).id]);
    await house.settle(customer.id);
    house.passTime(900 * DAY_MS);
    expect(await settled(customer.id)).toBe('50 - 0 = 50');
    house.passTime(-900 * DAY_MS);
  });

  test('a manual grant gives them until it ends', async () => {
    const [customer, meterId] = [await house.customer(), await credits.meter()];
    await merchant.give(customer.id, (await credits.benefit(meterId, 50)).id, { expiresAt: inDays(3) });
    expect(await settled(customer.id)).toBe('50 - 0 = 50');
    house.passTime(3 * DAY_MS);
    expect(await credits.show(customer.id)).toBe('0 - 0 = 0');
    expect(await settled(customer.id)).toBe('0 - 0 = 0');
  });

  test('top-ups and corrections live beside the credits of a subscription, and outlive them', async () => {
    const { customer, meterId } = await monthly(100);
    await credits.topUp(customer.id, meterId, '20.5');
    await credits.adjust(customer.id, meterId, '-0.5', 'Counted twice');
    expect(await credits.show(customer.id)).toBe('120.5 - 0.5 = 120');
    house.passTime(30 * DAY_MS);
    expect(await credits.show(customer.id)).toBe('20.5 - 0 = 20.5');
  });
});

describe('holds', () => {
  test('are part of the balance and not to be spent; a commit uses them', async () => {
    const { customer, meterId } = await monthly(100);
    const { holdId } = await credits.hold(customer.id, meterId, '60');
    await expect(credits.consume(customer.id, meterId, '41')).rejects.toMatchObject({ available: '40' });
    await expect(credits.hold(customer.id, meterId, '41')).rejects.toMatchObject({ available: '40' });
    await credits.commit(holdId, '25');
    await credits.commit(holdId, '25');
    expect(await credits.show(customer.id)).toBe('100 - 25 = 75');
    await expect(credits.commit(holdId, '26')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(credits.release(holdId)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('are released twice as well as once, lapse by themselves, and are never committed beyond what they hold', async () => {
    const { customer, meterId } = await monthly(100);
    const [first, second] = [
      await credits.hold(customer.id, meterId, '60'),
      await credits.hold(customer.id, meterId, '40', inDays(1)),
    ];
    await expect(credits.commit(first.holdId, '61')).rejects.toMatchObject({ path: ['units'] });
    await credits.release(first.holdId);
    await credits.release(first.holdId);
    house.passTime(DAY_MS);
    await credits.consume(customer.id, meterId, '100');
    await expect(credits.commit(second.holdId)).rejects.toMatchObject({ message: 'The hold has lapsed.' });
  });
});

describe('what is told', () => {
  test('a level is told when it is reached, once per crossing, by usage and by time', async () => {
    const { customer, meterId } = await monthly(100);
    await credits.threshold(meterId, { units: '50' });
    await credits.threshold(meterId, { percent: '20' });
    const low = async () => (await credits.told(customer.id)).filter((type) => type !== 'credit_balance.changed');
    await credits.use(customer.id, meterId, 49.5);
    expect(await low()).toEqual([]);
    await credits.use(customer.id, meterId, 0.5);
    expect(await low()).toEqual(['credit_balance.low']);
    await credits.use(customer.id, meterId, 20);
    expect(await low()).toHaveLength(1);
    await credits.topUp(customer.id, meterId, '30', { expiresAt: inDays(2) });
    await credits.use(customer.id, meterId, 10);
    expect(await low()).toEqual(['credit_balance.low', 'credit_balance.low']);
    await credits.topUp(customer.id, meterId, '10', { expiresAt: inDays(2) });
    house.passTime(2 * DAY_MS);
    await credits.tick();
    await credits.tick();
    expect(await low()).toHaveLength(3);
  });

  test('a balance that is used up is told once, with what the customer has', async () => {
    const { customer, meterId } = await monthly(10);
    await credits.use(customer.id, meterId, 10);
    await credits.use(customer.id, meterId, 5);
    const events = await house.events({ customerId: customer.id });
    expect(events.slice(-4)).toEqual([
      'credit_balance.changed',
      'credit_balance.depleted',
      'customer.state_changed',
      'credit_balance.changed',
    ]);
    const state = await house.prisma.event.findFirstOrThrow({
      where: { customerId: customer.id, type: 'customer.state_changed' },
      orderBy: { sequence: 'desc' },
    });
    expect(state.data).toMatchObject({ meters: [{ meterId, consumed: '10', credited: '10', balance: '0' }] });
  });

  test('one transaction that withdraws and credits is one change', async () => {
    const { customer, meterId, subscription } = await monthly(100);
    await merchant.changeProduct(subscription.id, (await plan(meterId, 100)).id);
    await house.settle(customer.id);
    expect(await credits.told(customer.id)).toEqual(['credit_balance.changed']);
  });
});
