import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as organizations from '../../src/domain/organizations.ts';
import * as previews from '../../src/domain/previews.ts';
import { newId } from '../../src/lib/id.ts';
import { DAY_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';

let house: House;
let merchant: Merchant;
let a: string;
let b: string;
let c: string;
beforeAll(async () => {
  house = await openHouse();
  merchant = merchantOf(house);
  [a = '', b = '', c = ''] = await Promise.all(Array.from({ length: 3 }, async () => (await house.benefit()).id));
});
afterAll(() => house[Symbol.asyncDispose]());

const preview = (change: previews.ImaginedChange, organizationId = house.organizationId) =>
  house.transaction((tx) => previews.preview(tx, { organizationId, change }));

/** Who holds what, by benefit. */
async function held(customerIds: readonly string[]): Promise<Map<string, number>> {
  for (const id of customerIds) await house.settle(id);
  const counts = new Map<string, number>();
  for (const id of customerIds) {
    for (const { benefitId, state } of await house.grants(id)) {
      if (state === 'ACTIVE') counts.set(benefitId, (counts.get(benefitId) ?? 0) + 1);
    }
  }
  return counts;
}

/** What is foreseen is what happens, and foreseeing it changes nothing. */
async function foreseen(customerIds: readonly string[], change: previews.ImaginedChange, make: () => Promise<unknown>) {
  const before = await held(customerIds);
  const told = await house.events();
  const { granted, withdrawn, customers } = await preview(change);
  expect(await house.events()).toEqual(told);
  expect(await held(customerIds)).toEqual(before);
  await make();
  const after = await held(customerIds);
  for (const id of [a, b, c]) {
    const gained = granted.find(({ benefitId }) => benefitId === id)?.count ?? 0;
    const lost = withdrawn.find(({ benefitId }) => benefitId === id)?.count ?? 0;
    expect((after.get(id) ?? 0) - (before.get(id) ?? 0)).toBe(gained - lost);
  }
  return { granted, withdrawn, customers };
}

test('of a cancellation', async () => {
  const { customer, subscription } = await merchant.subscriber([a, b]);
  const answer = await foreseen([customer.id], { cancelSubscription: { id: subscription.id } }, () =>
    merchant.cancel(subscription.id),
  );
  expect(answer).toEqual({
    customers: 1,
    granted: [],
    withdrawn: [
      { benefitId: a, count: 1 },
      { benefitId: b, count: 1 },
    ],
  });
});

test('of the cancellation of what is over, or of what gives nothing', async () => {
  const { customer, subscription } = await merchant.subscriber([a]);
  await merchant.cancel(subscription.id);
  const answer = await foreseen([customer.id], { cancelSubscription: { id: subscription.id } }, () =>
    merchant.cancel(subscription.id),
  );
  expect(answer).toEqual({ customers: 0, granted: [], withdrawn: [] });
});

test('of a change of product', async () => {
  const { customer, subscription } = await merchant.subscriber([a, b]);
  const next = await house.product([b, c]);
  const change = { changeSubscriptionProduct: { id: subscription.id, productId: next.id } };
  const answer = await foreseen([customer.id], change, () => merchant.changeProduct(subscription.id, next.id));
  expect(answer).toEqual({
    customers: 1,
    granted: [{ benefitId: c, count: 1 }],
    withdrawn: [{ benefitId: a, count: 1 }],
  });
});

test('of a refund', async () => {
  const { customer, order } = await merchant.buyer([a, b]);
  await foreseen([customer.id], { refundOrder: { id: order.id } }, () => merchant.refund({ orderId: order.id }));
});

describe('of a product’s list', () => {
  async function customersOf(keepForBuyers: boolean) {
    const product = await house.product([a, b], { keepForBuyers });
    const people = await Promise.all(Array.from({ length: 5 }, () => house.customer()));
    const [subscriber = '', ending = '', former = '', buyer = '', stopped = ''] = people.map(({ id }) => id);
    await merchant.subscribe(subscriber, product.id);
    await merchant.cancel(
      (await merchant.subscribe(ending, product.id, { currentPeriodEnd: new Date(house.time.now.getTime() + DAY_MS) }))
        .id,
      true,
    );
    await merchant.cancel((await merchant.subscribe(former, product.id)).id);
    await merchant.buy(buyer, product.id);
    await merchant.subscribe(stopped, product.id);
    for (const { id } of await house.grants(stopped)) await merchant.revoke(id);
    return { product, ids: people.map(({ id }) => id) };
  }

  test.each([false, true])('when buyers keep what they have: %s', async (keepForBuyers) => {
    const { product, ids } = await customersOf(keepForBuyers);
    const change = { updateProductBenefits: { id: product.id, benefitIds: [b, c] } };
    const answer = await foreseen(ids, change, () => merchant.setBenefits(product.id, [b, c]));
    expect(answer.withdrawn).toEqual([{ benefitId: a, count: keepForBuyers ? 2 : 3 }]);
  });

  test('in another order concerns nobody', async () => {
    const { product, ids } = await customersOf(false);
    const change = { updateProductBenefits: { id: product.id, benefitIds: [b, a] } };
    expect(await foreseen(ids, change, () => merchant.setBenefits(product.id, [b, a]))).toEqual({
      customers: 0,
      granted: [],
      withdrawn: [],
    });
  });

  test('with a benefit twice is refused as the edit is', async () => {
    const product = await house.product([a]);
    const twice = preview({ updateProductBenefits: { id: product.id, benefitIds: [a, b, a] } });
    await expect(twice).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      path: ['change', 'updateProductBenefits', 'benefitIds', '2'],
    });
  });
});

test('of the deletion of a benefit', async () => {
  const doomed = (await house.benefit()).id;
  const { customer, subscription } = await merchant.subscriber([doomed, a]);
  const given = await house.customer();
  await merchant.give(given.id, doomed);
  const former = await merchant.subscriber([doomed]);
  await merchant.cancel(former.subscription.id);
  for (const id of [customer.id, given.id, former.customer.id]) await house.settle(id);
  const answer = await preview({ deleteBenefit: { id: doomed } });
  expect(answer).toEqual({ customers: 2, granted: [], withdrawn: [{ benefitId: doomed, count: 2 }] });
  expect(subscription.status).toBe('ACTIVE');
});

describe('what is not theirs or not there is not found', () => {
  const changes = (id: string): [previews.ImaginedChange, string[]][] => [
    [{ cancelSubscription: { id } }, ['change', 'cancelSubscription', 'id']],
    [{ changeSubscriptionProduct: { id, productId: id } }, ['change', 'changeSubscriptionProduct', 'productId']],
    [{ refundOrder: { id } }, ['change', 'refundOrder', 'id']],
    [{ updateProductBenefits: { id, benefitIds: [] } }, ['change', 'updateProductBenefits', 'id']],
    [{ deleteBenefit: { id } }, ['change', 'deleteBenefit', 'id']],
  ];

  test.each([newId('subscription'), 'nonsense', ''])('%j', async (id) => {
    for (const [change, path] of changes(id))
      await expect(preview(change)).rejects.toMatchObject({ code: 'NOT_FOUND', path });
  });

  test('another organization’s', async () => {
    const other = await house.transaction((tx) => organizations.create(tx, { name: 'Other' }));
    const { subscription, product } = await merchant.subscriber([a]);
    const { order } = await merchant.buyer([a]);
    for (const change of [
      { cancelSubscription: { id: subscription.id } },
      { changeSubscriptionProduct: { id: subscription.id, productId: product.id } },
      { refundOrder: { id: order.id } },
      { updateProductBenefits: { id: product.id, benefitIds: [] } },
      { deleteBenefit: { id: a } },
    ]) {
      await expect(preview(change, other.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });

  test('nothing at all', async () => {
    await expect(preview({})).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
