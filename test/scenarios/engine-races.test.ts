import { afterAll, beforeAll, expect, test } from 'vitest';
import { settleHere } from '../../src/benefits/fulfillment.ts';
import { isBrokenRule } from '../../src/lib/errors.ts';
import { DAY_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';
import { expectSettled, untilQuiet } from '../support/quiet.ts';

let house: House;
let merchant: Merchant;
beforeAll(async () => {
  house = await openHouse();
  merchant = merchantOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());

const custom = async () => (await house.benefit('custom', { note: 'Hello' })).id;
const license = async () => (await house.benefit('license_keys', {})).id;
const keysOf = (customerId: string) => house.prisma.licenseKey.count({ where: { customerId } });

test('a customer whom four workers settle at once is settled once', async () => {
  const list = [await license(), await custom(), await license()];
  const people = await Promise.all(Array.from({ length: 5 }, () => merchant.subscriber(list)));
  await Promise.all(people.flatMap(({ customer }) => Array.from({ length: 4 }, () => house.settle(customer.id))));
  for (const { customer } of people) {
    expect((await house.grants(customer.id)).map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE']);
    expect(await keysOf(customer.id)).toBe(2);
    const told = (await house.events({ customerId: customer.id })).filter((type) => type.startsWith('benefit_grant.'));
    expect(told.toSorted()).toEqual([
      ...Array(3).fill('benefit_grant.created'),
      ...Array(3).fill('benefit_grant.updated'),
    ]);
  }
  await expectSettled(house);
});

test('customers whom workers settle together, in whatever order, while some of them cancel, are each settled once', async () => {
  const product = await house.product([await license(), await custom(), await license()]);
  const people = await Promise.all(Array.from({ length: 12 }, () => house.customer()));
  const ids = people.map(({ id }) => id);
  const bought = await Promise.all(ids.map((id) => merchant.subscribe(id, product.id)));
  const together = (some: readonly string[]) => settleHere(house, some);
  await Promise.all([
    together(ids),
    together(ids.toReversed()),
    ...bought.slice(0, 4).map(({ id }) => merchant.cancel(id)),
    together(ids.slice(3, 9)),
    ...ids.slice(4, 7).map((id) => house.settle(id)),
  ]);
  await untilQuiet(house);
  for (const [index, id] of ids.entries()) {
    expect((await house.grants(id)).map(({ state }) => state)).toEqual(Array(3).fill(index < 4 ? 'REVOKED' : 'ACTIVE'));
    if (index < 4) continue;
    expect(await keysOf(id)).toBe(2);
    const told = (await house.events({ customerId: id })).filter((type) => type.startsWith('benefit_grant.'));
    expect(told.toSorted()).toEqual([
      ...Array(3).fill('benefit_grant.created'),
      ...Array(3).fill('benefit_grant.updated'),
    ]);
  }
  await expectSettled(house);
});

test('a cancellation that meets a settlement wins in the end', async () => {
  const list = [await license(), await custom()];
  const people = await Promise.all(Array.from({ length: 8 }, () => merchant.subscriber(list)));
  await Promise.all(
    people.flatMap(({ customer, subscription }) => [house.settle(customer.id), merchant.cancel(subscription.id)]),
  );
  await untilQuiet(house);
  for (const { customer } of people) {
    expect((await house.grants(customer.id)).map(({ state }) => state)).toEqual(['REVOKED', 'REVOKED']);
  }
  await expectSettled(house);
});

test('an edit of a product and purchases at the same time leave everyone with the new list', async () => {
  const [a, b, c] = [await custom(), await license(), await custom()];
  const product = await house.product([a, b]);
  const [here, elsewhere] = [await merchant.subscriber([a]), await merchant.subscriber([a])];
  const people = await Promise.all(Array.from({ length: 20 }, () => house.customer()));
  const purchases = people.map(({ id }, index) =>
    index % 2 ? merchant.buy(id, product.id) : merchant.subscribe(id, product.id),
  );
  await Promise.all([
    ...purchases.slice(0, 10),
    merchant.setBenefits(product.id, [c, b]),
    merchant.changeProduct(here.subscription.id, product.id),
    ...purchases.slice(10),
  ]);
  await merchant.changeProduct(elsewhere.subscription.id, product.id);
  await untilQuiet(house);
  for (const id of [...people, here.customer, elsewhere.customer].map((person) => person.id)) {
    const active = (await house.grants(id)).filter(({ state }) => state === 'ACTIVE');
    expect(active.toSorted((x, y) => x.position - y.position).map(({ benefitId }) => benefitId)).toEqual([c, b]);
  }
  await expectSettled(house);
});

test('a product without benefits that gets one while it is bought gives it to everyone', async () => {
  for (let round = 0; round < 5; round++) {
    const [product, benefit] = [await house.product([]), await custom()];
    const people = await Promise.all(Array.from({ length: 4 }, () => house.customer()));
    await Promise.all([
      ...people.map(({ id }) => merchant.buy(id, product.id)),
      merchant.setBenefits(product.id, [benefit]),
    ]);
    await untilQuiet(house);
    for (const { id } of people) expect((await house.grants(id)).map(({ state }) => state)).toEqual(['ACTIVE']);
  }
});

test('a benefit that is deleted while it is bought is nobody’s', async () => {
  for (let round = 0; round < 5; round++) {
    const benefit = await custom();
    const product = await house.product([benefit]);
    const people = await Promise.all(Array.from({ length: 4 }, () => house.customer()));
    await Promise.all([...people.map(({ id }) => merchant.subscribe(id, product.id)), merchant.removeBenefit(benefit)]);
    await untilQuiet(house);
    expect(await house.prisma.benefitGrant.count({ where: { benefitId: benefit, state: { not: 'REVOKED' } } })).toBe(0);
  }
});

test('twenty people who do whatever comes to mind leave no knot and no loose end', async () => {
  const benefits = [await custom(), await license(), await custom(), await license()];
  const products = await Promise.all(
    [benefits.slice(0, 3), benefits.slice(2), benefits.slice(1, 2)].map((list) =>
      house.product(list, { keepForBuyers: true }),
    ),
  );
  const people = await Promise.all(Array.from({ length: 6 }, () => house.customer()));
  const bought = await Promise.all(
    people.map(async ({ id }, index) => ({
      subscription: await merchant.subscribe(id, products[index % 3]?.id ?? '', { currentPeriodEnd: later(30) }),
      order: await merchant.buy(id, products[(index + 1) % 3]?.id ?? '', { amount: '10.00' }),
    })),
  );
  const random = randomFrom(20_261_124);
  const one = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const some = (items: readonly string[]) =>
    items.toSorted(() => random() - 0.5).slice(0, Math.ceil(random() * items.length));
  const subscription = () => one(bought).subscription.id;
  const grant = async () => one(await house.grants(one(people).id)).id;
  const verbs: readonly (() => Promise<unknown>)[] = [
    () =>
      merchant
        .subscribe(one(people).id, one(products).id, { currentPeriodEnd: later(30) })
        .then((made) => bought.push({ ...one(bought), subscription: made })),
    () =>
      merchant
        .buy(one(people).id, one(products).id, { amount: '10.00' })
        .then((made) => bought.push({ ...one(bought), order: made })),
    () => merchant.cancel(subscription(), random() < 0.7),
    () => merchant.uncancel(subscription()),
    () => merchant.revokeSubscription(one(bought.slice(6).concat(bought[0] ?? [])).subscription.id),
    () => merchant.changeProduct(subscription(), one(products).id),
    () =>
      merchant.report(subscription(), { status: one(['ACTIVE', 'PAST_DUE', 'PAUSED', 'UNPAID', 'TRIALING'] as const) }),
    () => merchant.renew(subscription(), { periodStart: later(random() * 9), periodEnd: later(30 + random()) }),
    () =>
      merchant
        .refund({ orderId: one(bought).order.id, amount: '2', revokeBenefits: random() < 0.5 })
        .then(({ id }) => merchant.reportRefund(id, one(['FAILED', 'SUCCEEDED'] as const))),
    () => merchant.give(one(people).id, one(benefits)),
    async () => merchant.revoke(await grant()),
    async () => merchant.lift(await grant()),
    async () => merchant.retry(await grant()),
    () => merchant.setBenefits(one(products).id, some(benefits)),
    () =>
      merchant.editBenefit(one(benefits.filter((_, index) => index % 2 === 1)), {
        limitUsage: 1 + Math.floor(random() * 9),
      }),
    () => house.settle(one(people).id),
    () => house.settle(one(people).id),
    () => settleHere(house, some(people.map(({ id }) => id))),
  ];
  const refused: unknown[] = [];
  const worker = async () => {
    for (let turn = 0; turn < 20; turn++) {
      house.passTime(1);
      await one(verbs)().catch((error: unknown) => void refused.push(error));
    }
  };
  await Promise.all(Array.from({ length: 20 }, worker));
  expect(refused.filter((error) => !isBrokenRule(error))).toEqual([]);
  await untilQuiet(house);
  await expectSettled(house);
  for (const { id } of people) {
    const licensed = (await house.grants(id)).filter(
      ({ benefitId, held }) => held && benefits.indexOf(benefitId) % 2 === 1,
    );
    expect(await keysOf(id)).toBe(licensed.length);
  }
});

const later = (days: number) => new Date(house.time.now.getTime() + days * DAY_MS);

/** The same row of numbers from 0 to 1 for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
