import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';

let house: House;
let merchant: Merchant;
beforeAll(async () => {
  house = await openHouse();
  merchant = merchantOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());

interface State {
  customer: { id: string };
  subscriptions: { id: string; status: string; cancelAtPeriodEnd: boolean; productId: string }[];
  grants: { id: string; benefitId: string; held: unknown }[];
}

/** What was told of a customer, each in short: subscriptions and grants. */
async function told(customerId: string): Promise<State[]> {
  const rows = await house.prisma.event.findMany({
    where: { customerId, type: 'customer.state_changed' },
    orderBy: { sequence: 'asc' },
  });
  return rows.map(({ data }) => data as unknown as State);
}
const counts = async (customerId: string) =>
  (await told(customerId)).map(({ subscriptions, grants }) => [subscriptions.length, grants.length]);

const subscriber = async () => {
  const benefits = [await house.benefit(), await house.benefit('license_keys', {})];
  return merchant.subscriber(
    benefits.map(({ id }) => id),
    { currentPeriodEnd: new Date(house.time.now.getTime() + 30 * DAY_MS) },
  );
};

test('a purchase, its delivery, its cancellation and its withdrawal each change it once', async () => {
  const { customer, subscription } = await subscriber();
  await house.settle(customer.id);
  await merchant.cancel(subscription.id);
  await house.settle(customer.id);
  expect(await counts(customer.id)).toEqual([
    [1, 0],
    [1, 2],
    [0, 2],
    [0, 0],
  ]);
});

test('it is the last event of its transaction, and shows what stands at its end', async () => {
  const { customer } = await subscriber();
  await house.settle(customer.id);
  expect((await house.events({ customerId: customer.id })).slice(-3)).toEqual([
    'benefit_grant.updated',
    'benefit_grant.updated',
    'customer.state_changed',
  ]);
  const held = await house.grants(customer.id);
  const state = (await told(customer.id)).at(-1);
  expect(state?.grants.map(({ id }) => id).sort()).toEqual(held.map(({ id }) => id).sort());
  for (const { held: recorded } of held)
    expect(state?.grants).toContainEqual(expect.objectContaining({ held: recorded }));
  expect(state?.customer).toMatchObject({ id: customer.id, email: customer.email });
});

test('what changes nothing about it is not told', async () => {
  const { customer, subscription } = await subscriber();
  await house.settle(customer.id);
  const before = await counts(customer.id);
  await merchant.report(subscription.id, { status: 'ACTIVE', occurredAt: house.time.now });
  await house.settle(customer.id);
  await merchant.rename(customer.id, 'Grace');
  expect(await counts(customer.id)).toEqual(before);
});

test('a promise that is taken back before it was kept, and a subscription that never began, are no part of it', async () => {
  const { customer, order } = await merchant.buyer([(await house.benefit()).id]);
  await merchant.refund({ orderId: order.id });
  await house.settle(customer.id);
  expect((await house.grants(customer.id))[0]?.state).toBe('REVOKED');
  const product = await house.product([]);
  const subscription = await merchant.subscribe(customer.id, product.id, { status: 'INCOMPLETE' });
  await merchant.cancel(subscription.id);
  expect(await told(customer.id)).toEqual([]);
});

test('a plan that changes, falls behind, pauses and comes back is told each time', async () => {
  const { customer, subscription } = await merchant.subscriber([]);
  const next = await house.product([]);
  await merchant.changeProduct(subscription.id, next.id);
  for (const status of ['PAST_DUE', 'PAUSED', 'ACTIVE'] as const) await merchant.report(subscription.id, { status });
  expect(
    (await told(customer.id)).map(({ subscriptions }) => subscriptions.map(({ productId }) => productId === next.id)),
  ).toEqual([[false], [true], [], [true]]);
});

test('the end of a period is told when it comes', async () => {
  const { customer, subscription } = await subscriber();
  await house.settle(customer.id);
  await merchant.cancel(subscription.id, true);
  house.passTime(30 * DAY_MS);
  await house.settle(customer.id);
  const states = await told(customer.id);
  expect(states.map(({ subscriptions, grants }) => [subscriptions.length, grants.length])).toEqual([
    [1, 0],
    [1, 2],
    [1, 2],
    [0, 0],
  ]);
  expect(states[2]?.subscriptions[0]).toMatchObject({ cancelAtPeriodEnd: true });
});
