import { afterAll, beforeAll, expect, test } from 'vitest';
import * as benefits from '../../src/domain/benefits.ts';
import * as grants from '../../src/domain/grants/verbs.ts';
import * as manualGrants from '../../src/domain/manual-grants.ts';
import * as orders from '../../src/domain/orders.ts';
import * as refunds from '../../src/domain/refunds.ts';
import * as subscriptions from '../../src/domain/subscriptions/subscriptions.ts';
import { DAY_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const states = async (customerId: string) => (await house.grants(customerId)).map((grant) => grant.state);

async function subscriber(benefitIds: readonly string[], facts: Partial<subscriptions.NewSubscription> = {}) {
  const { organizationId } = house;
  const customer = await house.customer();
  const product = await house.product(benefitIds);
  const subscription = await house.transaction((tx) =>
    subscriptions.create(tx, { organizationId, customerId: customer.id, productId: product.id, ...facts }),
  );
  return { customer, product, subscription, named: { organizationId, id: subscription.id } };
}

test('a purchase writes its promises down in its own transaction', async () => {
  const benefit = await house.benefit();
  const { customer } = await subscriber([benefit.id]);
  expect(await states(customer.id)).toEqual(['CREATED']);
  expect(await house.events({ customerId: customer.id })).toEqual([
    'customer.created',
    'subscription.created',
    'benefit_grant.created',
    'customer.state_changed',
  ]);
});

test('settling delivers in the order attached', async () => {
  const [a, b, c] = [await house.benefit(), await house.benefit('license_keys', {}), await house.benefit()];
  const { customer } = await subscriber([c.id, b.id, a.id]);
  await house.settle(customer.id);
  const held = await house.grants(customer.id);
  expect(held.map(({ benefitId, state, position }) => ({ benefitId, state, position }))).toEqual([
    { benefitId: c.id, state: 'ACTIVE', position: 0 },
    { benefitId: b.id, state: 'ACTIVE', position: 1 },
    { benefitId: a.id, state: 'ACTIVE', position: 2 },
  ]);
  const told = (await house.events({ customerId: customer.id })).filter((type) => type.startsWith('benefit_grant.'));
  expect(told).toHaveLength(3 + 3);
});

test('settling twice does nothing and tells nothing', async () => {
  const { customer } = await subscriber([(await house.benefit()).id]);
  await house.settle(customer.id);
  const before = await house.events();
  await house.settle(customer.id);
  expect(await house.events()).toEqual(before);
});

test('a cancellation at once withdraws, and the key comes back to life when it is granted again', async () => {
  const benefit = await house.benefit('license_keys', { prefix: 'APP' });
  const { customer, named } = await subscriber([benefit.id]);
  await house.settle(customer.id);
  await house.transaction((tx) => subscriptions.cancel(tx, { ...named, atPeriodEnd: false }));
  expect((await house.grants(customer.id))[0]?.entitledUntil).toEqual(house.time.now);
  await house.settle(customer.id);
  expect(await states(customer.id)).toEqual(['REVOKED']);
});

test('a cancellation at the end of the period withdraws at that instant and can be taken back before', async () => {
  const currentPeriodEnd = new Date(house.time.now.getTime() + 30 * DAY_MS);
  const { customer, named } = await subscriber([(await house.benefit()).id], { currentPeriodEnd });
  await house.settle(customer.id);
  await house.transaction((tx) => subscriptions.cancel(tx, { ...named, atPeriodEnd: true }));
  await house.transaction((tx) => subscriptions.uncancel(tx, named));
  await house.transaction((tx) => subscriptions.cancel(tx, { ...named, atPeriodEnd: true }));
  const { settleAt } = await house.prisma.customer.findUniqueOrThrow({ where: { id: customer.id } });
  expect(settleAt).toEqual(currentPeriodEnd);
  house.passTime(30 * DAY_MS - 1);
  await house.settle(customer.id);
  expect(await states(customer.id)).toEqual(['ACTIVE']);
  house.passTime(1);
  await house.settle(customer.id);
  expect(await states(customer.id)).toEqual(['REVOKED']);
  await expect(house.transaction((tx) => subscriptions.uncancel(tx, named))).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  expect(await house.events({ subjectId: named.id })).toEqual([
    'subscription.created',
    'subscription.canceled',
    'subscription.uncanceled',
    'subscription.canceled',
    'subscription.ended',
  ]);
});

test('a change of product keeps what both carry, takes what the new one lacks and gives what is new', async () => {
  const [both, old, fresh] = [await house.benefit('license_keys', {}), await house.benefit(), await house.benefit()];
  const { customer, named } = await subscriber([both.id, old.id]);
  await house.settle(customer.id);
  const kept = (await house.grants(customer.id)).find((grant) => grant.benefitId === both.id);
  const next = await house.product([both.id, fresh.id]);
  await house.transaction((tx) => subscriptions.changeProduct(tx, { ...named, productId: next.id }));
  await house.settle(customer.id);
  const after = await house.grants(customer.id);
  expect(Object.fromEntries(after.map((grant) => [grant.benefitId, grant.state]))).toEqual({
    [both.id]: 'ACTIVE',
    [old.id]: 'REVOKED',
    [fresh.id]: 'ACTIVE',
  });
  expect(after.find((grant) => grant.benefitId === both.id)).toEqual(kept);
});

test('a full refund of an order withdraws, and one that failed gives back', async () => {
  const { organizationId } = house;
  const customer = await house.customer();
  const product = await house.product([(await house.benefit()).id]);
  const order = await house.transaction((tx) =>
    orders.create(tx, { organizationId, customerId: customer.id, productId: product.id, amount: '10.00' }),
  );
  await house.settle(customer.id);
  const refund = await house.transaction((tx) => refunds.create(tx, { organizationId, orderId: order.id }));
  await house.settle(customer.id);
  expect(await states(customer.id)).toEqual(['REVOKED']);
  await house.transaction((tx) => refunds.report(tx, { organizationId, id: refund.id, status: 'FAILED' }));
  await house.settle(customer.id);
  expect(await states(customer.id)).toEqual(['ACTIVE']);
});

test('what a merchant takes away by hand stays away until it is lifted', async () => {
  const { customer, named } = await subscriber([(await house.benefit()).id]);
  await house.settle(customer.id);
  const [grant] = await house.grants(customer.id);
  const one = { organizationId: house.organizationId, id: grant?.id ?? '' };
  await house.transaction((tx) => grants.revoke(tx, { ...one, reason: 'abuse' }));
  await house.settle(customer.id);
  const period = {
    periodStart: new Date(house.time.now.getTime() + DAY_MS),
    periodEnd: new Date(house.time.now.getTime() + 2 * DAY_MS),
  };
  await house.transaction((tx) => subscriptions.renew(tx, { ...named, ...period }));
  await house.settle(customer.id);
  expect(await states(customer.id)).toEqual(['REVOKED']);
  await house.transaction((tx) => grants.lift(tx, one));
  await house.settle(customer.id);
  expect(await states(customer.id)).toEqual(['ACTIVE']);
});

test('a manual grant ends at its instant and is changed by granting again', async () => {
  const { organizationId } = house;
  const [customer, benefit] = [await house.customer(), await house.benefit()];
  const given = { organizationId, customerId: customer.id, benefitId: benefit.id };
  const first = await house.transaction((tx) =>
    manualGrants.create(tx, { ...given, expiresAt: new Date(house.time.now.getTime() + DAY_MS) }),
  );
  const again = await house.transaction((tx) =>
    manualGrants.create(tx, { ...given, expiresAt: new Date(house.time.now.getTime() + 2 * DAY_MS) }),
  );
  expect(again.id).toBe(first.id);
  await house.settle(customer.id);
  house.passTime(2 * DAY_MS);
  await house.settle(customer.id);
  expect(await states(customer.id)).toEqual(['REVOKED']);
});

test('a benefit that is fulfilled by hand waits for the merchant', async () => {
  const benefit = await house.benefit('custom', { note: 'We will call you.', fulfillment: 'MANUAL', dueDays: 3 });
  const { customer } = await subscriber([benefit.id]);
  await house.settle(customer.id);
  const [grant] = await house.grants(customer.id);
  expect(grant).toMatchObject({
    state: 'CREATED',
    attentionCode: 'FULFILL',
    attentionActor: 'MERCHANT',
    retryAt: null,
  });
  await house.transaction((tx) => grants.fulfill(tx, { organizationId: house.organizationId, id: grant?.id ?? '' }));
  await house.settle(customer.id);
  expect((await house.grants(customer.id))[0]).toMatchObject({ state: 'ACTIVE', attentionCode: null });
});

test('new properties are delivered again, and a deleted benefit is withdrawn', async () => {
  const { organizationId } = house;
  const benefit = await house.benefit('license_keys', { limitUsage: 5 });
  const { customer } = await subscriber([benefit.id]);
  await house.settle(customer.id);
  await house.transaction((tx) =>
    benefits.update(tx, { organizationId, id: benefit.id, properties: { limitUsage: 7 } }),
  );
  await house.settle(customer.id);
  expect(await house.prisma.licenseKey.findFirst({ where: { customerId: customer.id } })).toMatchObject({
    limitUsage: 7,
  });
  await house.transaction((tx) => benefits.remove(tx, { organizationId, id: benefit.id }));
  await house.settle(customer.id);
  expect((await house.grants(customer.id))[0]).toMatchObject({ state: 'REVOKED', endReason: 'BENEFIT_DELETED' });
});
