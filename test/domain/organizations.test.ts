import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as organizations from '../../src/domain/organizations.ts';
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

const update = (input: object) =>
  house.transaction((tx) => organizations.update(tx, { organizationId: house.organizationId, ...input }));
const refused = (...path: string[]) => expect.objectContaining({ code: 'INVALID_INPUT', path });
const later = (days: number) => new Date(house.time.now.getTime() + days * DAY_MS);

async function behindSince(pastDueAt: Date) {
  const { customer, subscription } = await merchant.subscriber([benefitId]);
  await house.settle(customer.id);
  await merchant.report(subscription.id, { status: 'PAST_DUE', pastDueAt });
  return { customerId: customer.id, subscriptionId: subscription.id };
}

const grantOf = async (customerId: string) => (await house.grants(customerId))[0];

describe('days of grace', () => {
  test('that are added give back, and that are taken withdraw, from who is behind with paying', async () => {
    await update({ graceDays: 0 });
    const { customerId } = await behindSince(later(-2));
    await house.settle(customerId);
    expect(await grantOf(customerId)).toMatchObject({ state: 'REVOKED', entitledUntil: later(-2) });
    await update({ graceDays: 7 });
    expect(await house.prisma.customer.findUnique({ where: { id: customerId } })).toMatchObject({
      settleAt: house.time.now,
    });
    await house.settle(customerId);
    expect(await grantOf(customerId)).toMatchObject({ state: 'ACTIVE', entitledUntil: later(5) });
    await update({ graceDays: 1 });
    await house.settle(customerId);
    expect(await grantOf(customerId)).toMatchObject({ state: 'REVOKED', entitledUntil: later(-1) });
  });

  test('end at their instant', async () => {
    await update({ graceDays: 3 });
    const { customerId } = await behindSince(house.time.now);
    await house.settle(customerId);
    const end = later(3);
    expect(await house.prisma.customer.findUnique({ where: { id: customerId } })).toMatchObject({ settleAt: end });
    house.passTime(3 * DAY_MS - 1);
    await house.settle(customerId);
    expect(await grantOf(customerId)).toMatchObject({ state: 'ACTIVE' });
    house.passTime(1);
    await house.settle(customerId);
    expect(await grantOf(customerId)).toMatchObject({ state: 'REVOKED', entitledUntil: end });
  });

  test('that stay the same have nobody settled', async () => {
    await update({ graceDays: 3 });
    const { customerId } = await behindSince(house.time.now);
    await house.settle(customerId);
    const before = await house.prisma.customer.findUnique({ where: { id: customerId } });
    await update({ graceDays: 3, name: 'Renamed' });
    expect(await house.prisma.customer.findUnique({ where: { id: customerId } })).toEqual(before);
  });

  test('reach those as well who fall behind while they change', async () => {
    for (let round = 0; round < 10; round++) {
      await update({ graceDays: 9 });
      const { customer, subscription } = await merchant.subscriber([benefitId]);
      await house.settle(customer.id);
      const since = house.time.now;
      await Promise.all([
        merchant.report(subscription.id, { status: 'PAST_DUE', pastDueAt: since }),
        update({ graceDays: 0 }),
      ]);
      const { settleAt } = await house.prisma.customer.findUniqueOrThrow({ where: { id: customer.id } });
      expect(settleAt?.getTime()).toBeLessThanOrEqual(since.getTime() + 5_000);
      await house.settle(customer.id);
      expect(await grantOf(customer.id)).toMatchObject({ state: 'REVOKED' });
    }
  });
});

test.each<[what: string, input: object, path: string]>([
  ['an empty name', { name: ' ' }, 'name'],
  ['a name with a NUL', { name: '\0' }, 'name'],
  ['grace of less than nothing', { graceDays: -1 }, 'graceDays'],
  ['grace of more than a year', { graceDays: 366 }, 'graceDays'],
  ['grace of half a day', { graceDays: 0.5 }, 'graceDays'],
  ['grace of 2^53 days', { graceDays: 2 ** 53 }, 'graceDays'],
  ['a support address that is none', { supportEmail: 'help' }, 'supportEmail'],
  ['an empty support address', { supportEmail: '' }, 'supportEmail'],
])('%s is refused', async (_, input, path) => {
  await expect(update(input)).rejects.toThrow(refused(path));
});

test('a support address can be cleared', async () => {
  expect(await update({ supportEmail: 'Help@Example.com' })).toMatchObject({ supportEmail: 'help@example.com' });
  expect(await update({ supportEmail: null })).toMatchObject({ supportEmail: null });
});
