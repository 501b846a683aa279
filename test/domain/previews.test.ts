import fc from 'fast-check';
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
  [a = '', b = '', c = ''] = await threeBenefits();
});
afterAll(() => house[Symbol.asyncDispose]());

/** Oldest first, as previews list them. */
async function threeBenefits(): Promise<string[]> {
  const ids = [];
  for (let number = 0; number < 3; number++) {
    house.passTime(1);
    ids.push((await house.benefit()).id);
  }
  return ids;
}

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
async function foreseen(
  customerIds: readonly string[],
  change: previews.ImaginedChange,
  make: () => Promise<unknown>,
  benefitIds = [a, b, c],
) {
  const before = await held(customerIds);
  const told = await house.events();
  const { granted, withdrawn, customers } = await preview(change);
  expect(await house.events()).toEqual(told);
  expect(await held(customerIds)).toEqual(before);
  await make();
  const after = await held(customerIds);
  for (const id of benefitIds) {
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

test('of a refund of what has gone back already', async () => {
  const { customer, order } = await merchant.buyer([a, b]);
  await merchant.refund({ orderId: order.id, revokeBenefits: false });
  const answer = await foreseen([customer.id], { refundOrder: { id: order.id } }, async () => {
    await expect(merchant.refund({ orderId: order.id })).rejects.toMatchObject({ code: 'CONFLICT' });
  });
  expect(answer).toEqual({ customers: 0, granted: [], withdrawn: [] });
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

describe('of whatever a merchant does, to customers who came by their benefits in whatever way', () => {
  const list = fc.shuffledSubarray([0, 1, 2]);
  const customers = fc.record({
    subscribed: fc.constantFrom('not', 'active', 'ending', 'canceled', 'paused', 'past due', 'refunded'),
    bought: fc.constantFrom('not', 'paid', 'refunded', 'refunded and kept', 'refunded in part'),
    given: fc.boolean(),
    stopped: fc.boolean(),
  });
  const worlds = fc.record({
    lists: fc.tuple(list, list, list),
    keepForBuyers: fc.boolean(),
    customers: fc.array(customers, { minLength: 1, maxLength: 3 }),
    change: fc.constantFrom('cancel', 'change product', 'refund', 'edit', 'delete'),
  });

  test('what is foreseen is what happens', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ lists, keepForBuyers, customers, change }) => {
        const benefitIds = await threeBenefits();
        const [first = [], second = [], edited = []] = lists.map((places) =>
          places.map((place) => benefitIds[place] ?? ''),
        );
        const product = await house.product(first, { keepForBuyers });
        const other = await house.product(second);
        const people = [];
        for (const has of customers) {
          const { id } = await house.customer();
          const order = has.bought === 'not' ? null : await merchant.buy(id, product.id, { amount: '10' });
          const subscription =
            has.subscribed === 'not'
              ? null
              : await merchant.subscribe(id, product.id, { currentPeriodEnd: new Date(+house.time.now + DAY_MS) });
          if (has.given) await merchant.give(id, benefitIds[0] ?? '');
          await house.settle(id);
          const [grant] = await house.grants(id);
          if (has.stopped && grant) await merchant.revoke(grant.id);
          if (subscription) await HAPPENS[has.subscribed]?.(subscription.id);
          if (order) await REFUNDS[has.bought]?.(order.id);
          people.push({ id, subscription, order });
        }
        const subscription = people.find((person) => person.subscription)?.subscription;
        const order = people.find((person) => person.order)?.order;
        // What is impossible is refused, and does nothing.
        const [imagined, make] = ((): [previews.ImaginedChange, () => Promise<unknown>] => {
          if (change === 'cancel' && subscription)
            return [{ cancelSubscription: { id: subscription.id } }, () => merchant.cancel(subscription.id)];
          if (change === 'change product' && subscription)
            return [
              { changeSubscriptionProduct: { id: subscription.id, productId: other.id } },
              () => merchant.changeProduct(subscription.id, other.id),
            ];
          if (change === 'refund' && order)
            return [{ refundOrder: { id: order.id } }, () => merchant.refund({ orderId: order.id })];
          if (change === 'delete')
            return [{ deleteBenefit: { id: benefitIds[0] ?? '' } }, () => merchant.removeBenefit(benefitIds[0] ?? '')];
          return [
            { updateProductBenefits: { id: product.id, benefitIds: edited } },
            () => merchant.setBenefits(product.id, edited),
          ];
        })();
        const ids = people.map(({ id }) => id);
        await foreseen(ids, imagined, () => make().catch(expectConflict), benefitIds);
      }),
      { numRuns: 15 },
    );
  });

  const HAPPENS: Record<string, (id: string) => Promise<unknown>> = {
    ending: (id) => merchant.cancel(id, true),
    canceled: (id) => merchant.cancel(id),
    paused: (id) => merchant.report(id, { status: 'PAUSED' }),
    'past due': (id) => merchant.report(id, { status: 'PAST_DUE' }),
    refunded: (id) => merchant.refund({ subscriptionId: id }),
  };
  const REFUNDS: Record<string, (orderId: string) => Promise<unknown>> = {
    refunded: (orderId) => merchant.refund({ orderId }),
    'refunded and kept': (orderId) => merchant.refund({ orderId, revokeBenefits: false }),
    'refunded in part': (orderId) => merchant.refund({ orderId, amount: '4' }),
  };
  const expectConflict = (error: unknown) => expect(error).toMatchObject({ code: 'CONFLICT' });
});
