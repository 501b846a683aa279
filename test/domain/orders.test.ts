import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/id.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';

let house: House;
let merchant: Merchant;
let customerId: string;
let productId: string;
beforeAll(async () => {
  house = await openHouse();
  merchant = merchantOf(house);
  customerId = (await house.customer()).id;
  productId = (await house.product([(await house.benefit()).id])).id;
});
afterAll(() => house[Symbol.asyncDispose]());

const refused = (code: string, ...path: string[]) => expect.objectContaining({ code, path });

test.each(['0', '0.000001', '19.90', '99999999999999.999999'])(
  'an amount of %s is kept to the last digit',
  async (amount) => {
    const order = await merchant.buy(customerId, productId, { amount, currency: 'usd' });
    expect(order.amount?.equals(amount)).toBe(true);
    expect(order.currency).toBe('USD');
  },
);

test.each([
  '-1',
  '-0',
  '1e2',
  '0x10',
  'NaN',
  'Infinity',
  '1,50',
  ' ',
  '',
  'ten',
  '1.0000001',
  '100000000000000',
  '1.',
  '.5',
  '１',
])('an amount of %j is refused', async (amount) => {
  await expect(merchant.buy(customerId, productId, { amount })).rejects.toThrow(refused('INVALID_INPUT', 'amount'));
  await expect(merchant.refund({ orderId: newId('order'), amount })).rejects.toThrow(
    refused('INVALID_INPUT', 'amount'),
  );
});

test.each(['EURO', 'E', '', '12A', 'é€a'])('a currency of %j is refused', async (currency) => {
  await expect(merchant.buy(customerId, productId, { amount: '1', currency })).rejects.toThrow(
    refused('INVALID_INPUT', 'currency'),
  );
});

describe('an external id', () => {
  test('is given once, and nothing is written for a second order with it', async () => {
    await merchant.buy(customerId, productId, { externalId: 'invoice_1' });
    const before = [await house.events(), await house.prisma.benefitGrant.count()];
    await expect(merchant.buy(customerId, productId, { externalId: 'invoice_1' })).rejects.toThrow(
      refused('CONFLICT', 'externalId'),
    );
    expect([await house.events(), await house.prisma.benefitGrant.count()]).toEqual(before);
  });

  test('at once by ten makes one order', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 10 }, () => merchant.buy(customerId, productId, { externalId: 'invoice_2' })),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await house.prisma.order.count({ where: { externalId: 'invoice_2' } })).toBe(1);
  });

  test.each(['', 'a\0', 'x'.repeat(201)])('of %j is refused', async (externalId) => {
    await expect(merchant.buy(customerId, productId, { externalId })).rejects.toThrow(
      refused('INVALID_INPUT', 'externalId'),
    );
    await expect(merchant.subscribe(customerId, productId, { externalId })).rejects.toThrow(
      refused('INVALID_INPUT', 'externalId'),
    );
  });
});

test.each([newId('customer'), 'nonsense', ''])('a customer %j, who is nobody, is not found', async (id) => {
  await expect(merchant.buy(id, productId)).rejects.toThrow(refused('NOT_FOUND', 'customer'));
  await expect(merchant.subscribe(id, productId)).rejects.toThrow(refused('NOT_FOUND', 'customer'));
  await expect(merchant.give(id, newId('benefit'))).rejects.toThrow(refused('NOT_FOUND', 'customer'));
});

test('a purchase of a product without benefits promises nothing, and has nothing settled', async () => {
  const [customer, product] = [await house.customer(), await house.product([])];
  await merchant.buy(customer.id, product.id);
  expect(await house.grants(customer.id)).toEqual([]);
  expect(await house.prisma.customer.findUnique({ where: { id: customer.id } })).toMatchObject({ settleAt: null });
  expect(await house.events({ customerId: customer.id })).toEqual(['customer.created', 'order.created']);
});
