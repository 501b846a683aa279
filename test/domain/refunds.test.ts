import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/id.ts';
import { DAY_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';

let house: House;
let merchant: Merchant;
let benefitId: string;
beforeAll(async () => {
  house = await openHouse();
  merchant = merchantOf(house);
  benefitId = (await house.benefit()).id;
});
afterAll(() => house[Symbol.asyncDispose]());

const refused = (code: string, ...path: string[]) => expect.objectContaining({ code, path });
const later = (days: number) => new Date(house.time.now.getTime() + days * DAY_MS);

/** Whether they may use it at this moment, and once everything is settled. */
async function holds(customerId: string): Promise<boolean> {
  const [before] = await house.grants(customerId);
  await house.settle(customerId);
  const [after] = await house.grants(customerId);
  const open = before?.entitledUntil === null || (before?.entitledUntil ?? house.time.now) > house.time.now;
  expect(after?.state).toBe(open ? 'ACTIVE' : 'REVOKED');
  return open;
}

async function bought(amount?: string) {
  const [customer, product] = [await house.customer(), await house.product([benefitId])];
  const order = await merchant.buy(customer.id, product.id, amount === undefined ? {} : { amount });
  await house.settle(customer.id);
  return { customerId: customer.id, orderId: order.id };
}

async function subscribed() {
  const { customer, subscription } = await merchant.subscriber([benefitId], { currentPeriodEnd: later(30) });
  await house.settle(customer.id);
  return { customerId: customer.id, subscriptionId: subscription.id };
}

const statusOf = async (id: string) => (await house.prisma.order.findUniqueOrThrow({ where: { id } })).status;

describe('a refund of an order', () => {
  test.each<[what: string, refund: { amount?: string; revokeBenefits?: boolean }, keeps: boolean, status: string]>([
    ['of all', {}, false, 'REFUNDED'],
    ['of all that lets the benefits be', { revokeBenefits: false }, true, 'REFUNDED'],
    ['of the whole amount', { amount: '10' }, false, 'REFUNDED'],
    ['of a part', { amount: '9.99' }, true, 'PARTIALLY_REFUNDED'],
    ['of a part that takes the benefits', { amount: '1', revokeBenefits: true }, false, 'PARTIALLY_REFUNDED'],
  ])('%s', async (_, refund, keeps, status) => {
    const { customerId, orderId } = await bought('10.00');
    await merchant.refund({ orderId, ...refund });
    expect(await statusOf(orderId)).toBe(status);
    expect(await holds(customerId)).toBe(keeps);
  });

  test('part by part takes the benefits with the last part', async () => {
    const { customerId, orderId } = await bought('0.3');
    await merchant.refund({ orderId, amount: '0.1' });
    expect(await holds(customerId)).toBe(true);
    await merchant.refund({ orderId, amount: '0.2' });
    expect([await statusOf(orderId), await holds(customerId)]).toEqual(['REFUNDED', false]);
  });

  test('beyond what is left is refused', async () => {
    const { orderId } = await bought('10.00');
    await merchant.refund({ orderId, amount: '9' });
    await expect(merchant.refund({ orderId, amount: '1.01' })).rejects.toThrow(refused('CONFLICT', 'amount'));
    await merchant.refund({ orderId });
    await expect(merchant.refund({ orderId, amount: '1' })).rejects.toThrow(refused('CONFLICT', 'orderId'));
  });

  test('of all, when part by part all of it went back, is refused; when a part is left it is of that', async () => {
    const { orderId } = await bought('10.00');
    await merchant.refund({ orderId, amount: '4' });
    const rest = await merchant.refund({ orderId, amount: '6' });
    await expect(merchant.refund({ orderId })).rejects.toThrow(refused('CONFLICT', 'orderId'));
    await merchant.reportRefund(rest.id, 'FAILED');
    expect(await merchant.refund({ orderId })).toMatchObject({ amount: null, revokeBenefits: true });
    await expect(merchant.reportRefund(rest.id, 'SUCCEEDED')).rejects.toThrow(refused('CONFLICT', 'status'));
    expect(await statusOf(orderId)).toBe('REFUNDED');
  });

  test('of a part of an order without an amount leaves the benefits', async () => {
    const { customerId, orderId } = await bought();
    await merchant.refund({ orderId, amount: '5' });
    expect([await statusOf(orderId), await holds(customerId)]).toEqual(['PARTIALLY_REFUNDED', true]);
  });

  test('that failed gives back what it withdrew, and that succeeded after all takes it again', async () => {
    const { customerId, orderId } = await bought('10.00');
    const { id } = await merchant.refund({ orderId });
    expect(await holds(customerId)).toBe(false);
    await merchant.reportRefund(id, 'FAILED');
    expect([await statusOf(orderId), await holds(customerId)]).toEqual(['PAID', true]);
    await merchant.reportRefund(id, 'SUCCEEDED');
    expect([await statusOf(orderId), await holds(customerId)]).toEqual(['REFUNDED', false]);
  });

  test('that is reported twice changes nothing and tells nothing', async () => {
    const { orderId } = await bought('10.00');
    const { id } = await merchant.refund({ orderId });
    await merchant.reportRefund(id, 'FAILED');
    const before = await house.events();
    await merchant.reportRefund(id, 'FAILED');
    expect(await house.events()).toEqual(before);
  });

  test('at once by ten refunds no more than was paid', async () => {
    const { orderId } = await bought('10.00');
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => merchant.refund({ orderId, amount: '4' })));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  });
});

describe('a refund of a subscription', () => {
  test('takes the benefits until the next paid renewal', async () => {
    const { customerId, subscriptionId } = await subscribed();
    await merchant.refund({ subscriptionId });
    expect(await holds(customerId)).toBe(false);
    await merchant.report(subscriptionId, { status: 'ACTIVE' });
    expect(await holds(customerId)).toBe(false);
    await merchant.renew(subscriptionId, { periodStart: later(1), periodEnd: later(31) });
    expect(await holds(customerId)).toBe(true);
  });

  test('of a part leaves them, unless it is asked otherwise', async () => {
    const [one, other] = [await subscribed(), await subscribed()];
    await merchant.refund({ subscriptionId: one.subscriptionId, amount: '1' });
    expect(await holds(one.customerId)).toBe(true);
    await merchant.refund({ subscriptionId: other.subscriptionId, amount: '1', revokeBenefits: true });
    expect(await holds(other.customerId)).toBe(false);
  });

  test('that failed gives them back', async () => {
    const { customerId, subscriptionId } = await subscribed();
    const { id } = await merchant.refund({ subscriptionId });
    expect(await holds(customerId)).toBe(false);
    await merchant.reportRefund(id, 'FAILED');
    expect(await holds(customerId)).toBe(true);
  });

  test('is of the period that stands when it is written down, though a renewal comes at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      const { subscriptionId } = await subscribed();
      const [refund, renewed] = await Promise.all([
        merchant.refund({ subscriptionId }),
        merchant.renew(subscriptionId, { periodStart: later(1), periodEnd: later(31) }),
      ]);
      const order = await house.events({ customerId: renewed.customerId });
      const refundedLast = order.indexOf('refund.created') > order.indexOf('subscription.renewed');
      expect(refund.periodStart?.getTime() === renewed.currentPeriodStart.getTime()).toBe(refundedLast);
    }
  });
});

describe('what is refused', () => {
  test('a refund of neither, or of both', async () => {
    const [{ orderId }, { subscriptionId }] = [await bought('1'), await subscribed()];
    await expect(merchant.refund({})).rejects.toThrow(refused('INVALID_INPUT', 'orderId'));
    await expect(merchant.refund({ orderId, subscriptionId })).rejects.toThrow(
      refused('INVALID_INPUT', 'subscriptionId'),
    );
  });

  test('a refund of nothing', async () => {
    const { orderId } = await bought('10.00');
    await expect(merchant.refund({ orderId, amount: '0.00' })).rejects.toThrow(refused('INVALID_INPUT', 'amount'));
  });

  test.each([newId('order'), newId('subscription'), newId('refund'), 'nonsense'])(
    '%j, which is nothing of theirs',
    async (id) => {
      await expect(merchant.refund({ orderId: id })).rejects.toThrow(refused('NOT_FOUND', 'orderId'));
      await expect(merchant.refund({ subscriptionId: id })).rejects.toThrow(refused('NOT_FOUND', 'subscriptionId'));
      await expect(merchant.reportRefund(id, 'FAILED')).rejects.toThrow(refused('NOT_FOUND', 'id'));
    },
  );
});

describe('refunds that together pay an order back', () => {
  const refund = (orderId: string, amount: string) => merchant.refund({ orderId, amount });
  const report = (id: string, status: 'SUCCEEDED' | 'FAILED') => merchant.reportRefund(id, status);

  test('withdraw when the last of them is only reported later', async () => {
    const { customerId, orderId } = await bought('10');
    const first = await refund(orderId, '4');
    await report(first.id, 'FAILED');
    await refund(orderId, '6');
    expect(await holds(customerId)).toBe(true);
    expect(await report(first.id, 'SUCCEEDED')).toMatchObject({ revokeBenefits: true });
    expect(await holds(customerId)).toBe(false);
  });

  test('give back when one of them failed after all', async () => {
    const { customerId, orderId } = await bought('10');
    const first = await refund(orderId, '4');
    await refund(orderId, '6');
    expect(await holds(customerId)).toBe(false);
    await report(first.id, 'FAILED');
    expect(await holds(customerId)).toBe(true);
  });

  test('are never more than was paid, however late one is reported', async () => {
    const { orderId } = await bought('10');
    const first = await refund(orderId, '4');
    await report(first.id, 'FAILED');
    await refund(orderId, '8');
    await expect(report(first.id, 'SUCCEEDED')).rejects.toEqual(refused('CONFLICT', 'status'));
  });
});
