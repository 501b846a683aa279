import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Balance } from '../../src/domain/credits/book.ts';
import { balanceThen } from '../../src/domain/credits/past.ts';
import { DAY_MS } from '../../src/lib/time.ts';
import { formatUnits } from '../../src/lib/units.ts';
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
const monthly = (units: number, some: object = {}) => credits.subscriber(units, some, { currentPeriodEnd: inDays(30) });

test('a balance at any instant is what it was then, however late it is asked for', async () => {
  const { customer, meterId } = await monthly(100);
  const [start, before] = [house.clock(), new Date(house.time.now.getTime() - 1)];
  house.passTime(DAY_MS);
  await credits.use(customer.id, meterId, 30);
  const used = house.clock();
  house.passTime(40 * DAY_MS);
  expect(await credits.at(customer.id, meterId, before)).toBe('0');
  expect(await credits.at(customer.id, meterId, start)).toBe('100');
  expect(await credits.at(customer.id, meterId, new Date(used.getTime() - 1))).toBe('100');
  expect(await credits.at(customer.id, meterId, used)).toBe('70');
  const [end] = await house.prisma.creditLot.findMany({ where: { ledger: { meterId } } });
  const expiry = end?.expiresAt ?? before;
  const around = [new Date(expiry.getTime() - 1), expiry];
  const seen = () => Promise.all(around.map((at) => credits.at(customer.id, meterId, at)));
  expect(await seen()).toEqual(['70', '0']);
  await credits.tick();
  expect(await seen()).toEqual(['70', '0']);
  house.passTime(-41 * DAY_MS);
});

test('all of a balance is what it was then: what was credited, used and held, and when the next of it was to end', async () => {
  const { customer, meterId, subscription } = await monthly(100, { rollover: { max: 5 } });
  const start = house.time.now.getTime();
  const seen: { at: Date; was: object }[] = [];
  const then = async (at: Date) => {
    return balanceThen(house.database, await credits.balanceRow(customer.id, meterId), at);
  };
  const day = async (number: number, work: () => Promise<unknown> = credits.tick) => {
    house.time.now = new Date(start + number * DAY_MS);
    await work();
    seen.push({ at: house.clock(), was: await then(house.clock()) });
  };
  await day(1, () => credits.topUp(customer.id, meterId, '20', { expiresAt: inDays(4) }));
  await day(2, () => credits.hold(customer.id, meterId, '30', inDays(2)));
  await day(3, () => credits.use(customer.id, meterId, 20));
  await day(4);
  await day(5);
  await day(6, () => credits.topUp(customer.id, meterId, '7', { expiresAt: inDays(1) }));
  await day(7);
  await day(8, () => credits.use(customer.id, meterId, 93));
  await day(9, () => credits.use(customer.id, meterId, 10));
  await day(30);
  const [periodStart, periodEnd] = [new Date(start + 30 * DAY_MS), new Date(start + 60 * DAY_MS)];
  await day(31, async () => {
    await merchant.renew(subscription.id, { periodStart, periodEnd });
    await house.settle(customer.id);
  });
  await day(32, () => credits.adjust(customer.id, meterId, '1', 'Sorry'));
  await day(60);
  await day(61);
  for (const { at, was } of seen) expect({ at, ...(await then(at)) }).toEqual({ at, ...was });
  const shown = seen.map(({ was }) => was as Balance);
  expect(shown.map(({ credited, balance, held }) => [credited, balance, held].map(formatUnits).join(' '))).toEqual([
    '120 120 0',
    '120 120 30',
    '120 100 30',
    '120 100 0',
    '100 100 0',
    '107 107 0',
    '100 100 0',
    '100 7 0',
    '100 -3 0',
    '0 -3 0',
    '100 97 0',
    '101 98 0',
    '1 1 0',
    '1 1 0',
  ]);
  house.time.now = new Date(start);
});

test('an entry is never changed', async () => {
  const change = house.prisma.$executeRaw`UPDATE "CreditEntry" SET units = 0`;
  await expect(change).rejects.toThrow('Entries of the ledger are never changed.');
  await expect(house.prisma.$executeRaw`DELETE FROM "CreditEntry"`).rejects.toThrow('never changed');
});
