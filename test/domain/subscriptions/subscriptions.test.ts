import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as organizations from '../../../src/domain/organizations.ts';
import { newId } from '../../../src/lib/id.ts';
import { DAY_MS } from '../../../src/lib/time.ts';
import { type House, openHouse } from '../../support/house.ts';
import { type Merchant, merchantOf } from '../../support/merchant.ts';

let house: House;
let merchant: Merchant;
let benefitId: string;
beforeAll(async () => {
  house = await openHouse();
  merchant = merchantOf(house);
  benefitId = (await house.benefit()).id;
});
afterAll(() => house[Symbol.asyncDispose]());

const refused = (code: string, path: string) => expect.objectContaining({ code, path: [path] });
const later = (days: number) => new Date(house.time.now.getTime() + days * DAY_MS);
const other = async () => {
  const { id: organizationId } = await house.transaction((tx) => organizations.create(tx, { name: 'Other' }));
  return merchantOf({ ...house, organizationId });
};

describe('a new subscription', () => {
  test.each<[what: string, status: 'TRIALING' | 'ACTIVE' | 'INCOMPLETE', promised: number]>([
    ['on trial', 'TRIALING', 1],
    ['that is paid', 'ACTIVE', 1],
    ['that is not paid yet', 'INCOMPLETE', 0],
  ])('%s promises %s: %d', async (_, status, promised) => {
    const { customer } = await merchant.subscriber([benefitId], { status });
    expect(await house.grants(customer.id)).toHaveLength(promised);
  });

  test('promises what it did not when it is paid, and not before', async () => {
    const { customer, subscription } = await merchant.subscriber([benefitId], { status: 'INCOMPLETE' });
    await merchant.report(subscription.id, { status: 'ACTIVE' });
    await house.settle(customer.id);
    expect((await house.grants(customer.id)).map(({ state }) => state)).toEqual(['ACTIVE']);
  });

  test.each<[what: string, facts: { currentPeriodStart?: Date; currentPeriodEnd?: Date }]>([
    ['that ends as it begins', { currentPeriodStart: new Date(1_000), currentPeriodEnd: new Date(1_000) }],
    ['that ends before it begins', { currentPeriodStart: new Date(2_000), currentPeriodEnd: new Date(1_000) }],
    ['that ended long ago', { currentPeriodEnd: new Date(0) }],
  ])('with a period %s is refused', async (_, facts) => {
    const before = await house.events();
    const [customer, product] = [await house.customer(), await house.product([benefitId])];
    await expect(merchant.subscribe(customer.id, product.id, facts)).rejects.toThrow(
      refused('INVALID_INPUT', 'currentPeriodEnd'),
    );
    expect(await house.grants(customer.id)).toEqual([]);
    expect(await house.events()).toHaveLength(before.length + 3);
  });

  test('with an external id that is taken is refused', async () => {
    await merchant.subscriber([benefitId], { externalId: 'sub_external' });
    await expect(merchant.subscriber([benefitId], { externalId: ' sub_external ' })).rejects.toThrow(
      refused('CONFLICT', 'externalId'),
    );
  });

  test('of another organization’s customer, or product, is not found', async () => {
    const [stranger, customer, product] = [await other(), await house.customer(), await house.product([])];
    await expect(stranger.subscribe(customer.id, product.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(stranger.buy(customer.id, product.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('what is no subscription of theirs', () => {
  const verbs = (as: Merchant, id: string): (() => Promise<unknown>)[] => [
    () => as.cancel(id),
    () => as.cancel(id, true),
    () => as.uncancel(id),
    () => as.revokeSubscription(id),
    () => as.report(id, { status: 'PAUSED' }),
    () => as.renew(id, { periodStart: later(1), periodEnd: later(2) }),
  ];

  test.each([newId('subscription'), newId('customer'), 'nonsense', ''])('%j is not found', async (id) => {
    for (const verb of verbs(merchant, id)) await expect(verb()).rejects.toThrow(refused('NOT_FOUND', 'id'));
    const product = await house.product([]);
    await expect(merchant.changeProduct(id, product.id)).rejects.toThrow(refused('NOT_FOUND', 'id'));
  });

  test('another organization’s is not found, and stays as it was', async () => {
    const { subscription } = await merchant.subscriber([benefitId], { currentPeriodEnd: later(30) });
    for (const verb of verbs(await other(), subscription.id))
      await expect(verb()).rejects.toThrow(refused('NOT_FOUND', 'id'));
    expect(await house.prisma.subscription.findUnique({ where: { id: subscription.id } })).toEqual(subscription);
  });

  test('cannot be moved to another organization’s product', async () => {
    const { subscription } = await merchant.subscriber([benefitId]);
    const stranger = await other();
    const theirs = await house.transaction(async (tx) => {
      const { create } = await import('../../../src/domain/products.ts');
      const { id: organizationId } = await organizations.create(tx, { name: 'Third' });
      return create(tx, { organizationId, name: 'Theirs' });
    });
    await expect(merchant.changeProduct(subscription.id, theirs.id)).rejects.toThrow(refused('NOT_FOUND', 'productId'));
    await expect(stranger.changeProduct(subscription.id, theirs.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('the log', () => {
  test('tells each change once, and none that was none', async () => {
    const { subscription } = await merchant.subscriber([benefitId], { currentPeriodEnd: later(30) });
    const { id } = subscription;
    for (const _ of [1, 2]) {
      await merchant.report(id, { status: 'PAST_DUE', pastDueAt: later(-1), occurredAt: later(-1) });
      await merchant.renew(id, { periodStart: later(1), periodEnd: later(31) });
      await merchant.cancel(id, true);
    }
    await merchant.uncancel(id);
    await merchant.uncancel(id);
    await merchant.cancel(id);
    await merchant.cancel(id);
    await merchant.revokeSubscription(id);
    await merchant.revokeSubscription(id);
    expect((await house.events({ subjectId: id })).map((type) => type.replace('subscription.', ''))).toEqual([
      'created',
      'updated',
      'renewed',
      'canceled',
      'uncanceled',
      'canceled',
      'revoked',
    ]);
  });
});

test('what a customer may use follows each report in its own transaction', async () => {
  await house.transaction((tx) => organizations.update(tx, { organizationId: house.organizationId, graceDays: 3 }));
  const { customer, subscription } = await merchant.subscriber([benefitId]);
  const until = async () => (await house.grants(customer.id))[0]?.entitledUntil;
  const steps: [Parameters<Merchant['report']>[1], () => Date | null][] = [
    [{ status: 'PAST_DUE', pastDueAt: house.time.now }, () => later(3)],
    [{ status: 'ACTIVE' }, () => null],
    [{ status: 'PAUSED' }, () => house.time.now],
    [{ status: 'TRIALING' }, () => null],
    [{ status: 'UNPAID' }, () => house.time.now],
  ];
  for (const [said, expected] of steps) {
    await merchant.report(subscription.id, said);
    expect(await until()).toEqual(expected());
  }
});
