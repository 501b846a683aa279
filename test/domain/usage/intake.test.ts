import { afterAll, beforeAll, expect, test } from 'vitest';
import * as customers from '../../../src/domain/customers.ts';
import * as organizations from '../../../src/domain/organizations.ts';
import type { Report } from '../../../src/domain/usage/checking.ts';
import { type Ingest, openIntake } from '../../../src/domain/usage/intake.ts';
import { type House, openHouse } from '../../support/house.ts';
import { meterOf } from '../credits/meter.ts';

let house: House;
let ingest: Ingest;
let transactions = 0;
beforeAll(async () => {
  house = await openHouse();
  ingest = openIntake({
    transaction: (work) => {
      transactions += 1;
      return house.transaction(work);
    },
  });
});
afterAll(() => house[Symbol.asyncDispose]());

const of = (id: string, count: number, externalIds = false): Report[] =>
  Array.from({ length: count }, (_, n) => ({
    name: 'calls',
    customer: { id },
    externalId: externalIds ? `${id} ${n}` : null,
  }));

test('batches that come together are recorded together, each whole or not at all', async () => {
  const { organizationId } = house;
  const meterId = await meterOf(house);
  const ada = await house.customer();
  const wrong: Report[] = of(ada.id, 3).with(1, { name: ' ', customer: { id: ada.id } });
  transactions = 0;
  const answers = await Promise.allSettled(
    [of(ada.id, 2), wrong, of(ada.id, 3), of('cus_nobody', 1), [], of(ada.id, 1)].map((events) =>
      ingest({ organizationId, events }),
    ),
  );
  expect(answers).toEqual([
    { status: 'fulfilled', value: { ingested: 2, duplicates: 0 } },
    { status: 'rejected', reason: expect.objectContaining({ path: ['events', '1', 'name'] }) },
    { status: 'fulfilled', value: { ingested: 3, duplicates: 0 } },
    { status: 'rejected', reason: expect.objectContaining({ path: ['events', '0', 'customer', 'id'] }) },
    { status: 'rejected', reason: expect.objectContaining({ path: ['events'] }) },
    { status: 'fulfilled', value: { ingested: 1, duplicates: 0 } },
  ]);
  expect(transactions).toBe(1);
  const balance = await house.prisma.creditBalance.findFirstOrThrow({ where: { customerId: ada.id, meterId } });
  expect([balance.used.toFixed(), balance.sequence]).toEqual(['6', 1n]);
  const told = await house.prisma.event.count({ where: { customerId: ada.id, type: 'credit_balance.changed' } });
  expect(told).toBe(1);
});

test('an event in several of them counts once, and in the first of them', async () => {
  const { organizationId } = house;
  const ada = await house.customer();
  const answers = await Promise.all(
    [4, 6, 5].map((count) => ingest({ organizationId, events: of(ada.id, count, true) })),
  );
  expect(answers).toEqual([
    { ingested: 4, duplicates: 0 },
    { ingested: 2, duplicates: 4 },
    { ingested: 0, duplicates: 5 },
  ]);
});

test('each organization has its own', async () => {
  const { id: another } = await house.transaction((tx) => organizations.create(tx, { name: 'Another' }));
  const ours = await house.customer();
  const theirs = await house.transaction((tx) =>
    customers.create(tx, { organizationId: another, email: 'grace@example.com' }),
  );
  const answers = await Promise.allSettled([
    ingest({ organizationId: house.organizationId, events: of(ours.id, 2) }),
    ingest({ organizationId: another, events: of(theirs.id, 3) }),
    ingest({ organizationId: another, events: of(ours.id, 1) }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  const counted = await house.prisma.usageEvent.groupBy({
    by: ['organizationId'],
    _count: true,
    where: { customerId: { in: [ours.id, theirs.id] } },
  });
  expect(new Map(counted.map(({ organizationId, _count }) => [organizationId, _count]))).toEqual(
    new Map([
      [house.organizationId, 2],
      [another, 3],
    ]),
  );
});

test('what fails for one organization fails for no other', async () => {
  const { id: another } = await house.transaction((tx) => organizations.create(tx, { name: 'Unlucky' }));
  const ada = await house.customer();
  let begun = 0;
  const unlucky = openIntake({
    transaction: (work) => {
      begun += 1;
      return begun === 2 ? Promise.reject(new Error('The connection was lost.')) : house.transaction(work);
    },
  });
  const answers = await Promise.allSettled([
    unlucky({ organizationId: house.organizationId, events: of(ada.id, 2) }),
    unlucky({ organizationId: another, events: of(ada.id, 1) }),
  ]);
  expect(answers).toEqual([
    { status: 'fulfilled', value: { ingested: 2, duplicates: 0 } },
    { status: 'rejected', reason: expect.objectContaining({ message: 'The connection was lost.' }) },
  ]);
});

/** Somebody whose balance PostgreSQL cannot count on: whatever is recorded of them fails. */
async function overfull(meterId: string): Promise<string> {
  const { id } = await house.customer();
  await ingest({ organizationId: house.organizationId, events: of(id, 1) });
  await house.prisma.creditBalance.update({
    where: { customerId_meterId: { customerId: id, meterId } },
    data: { used: '9'.repeat(32) },
  });
  return id;
}

test('what fails for one batch fails for no other of the same organization', async () => {
  const { organizationId } = house;
  const meterId = await meterOf(house);
  const [ada, guilty] = [await house.customer(), await overfull(meterId)];
  const answers = await Promise.allSettled(
    [of(ada.id, 1), of(guilty, 1), of(ada.id, 2), [...of(ada.id, 4), ...of(guilty, 1)], of(ada.id, 8)].map((events) =>
      ingest({ organizationId, events }),
    ),
  );
  const overflow = { status: 'rejected', reason: expect.objectContaining({ code: '22003' }) };
  expect(answers).toEqual([
    { status: 'fulfilled', value: { ingested: 1, duplicates: 0 } },
    overflow,
    { status: 'fulfilled', value: { ingested: 2, duplicates: 0 } },
    overflow,
    { status: 'fulfilled', value: { ingested: 8, duplicates: 0 } },
  ]);
  const balance = await house.prisma.creditBalance.findFirstOrThrow({ where: { customerId: ada.id, meterId } });
  expect(balance.used.toFixed()).toBe('11');
  expect(await house.prisma.usageEvent.count({ where: { customerId: { in: [ada.id, guilty] } } })).toBe(11 + 1);
});

test('batches of which nobody knows whether they were recorded are not recorded again', async () => {
  const { organizationId } = house;
  const ada = await house.customer();
  const forgetful = openIntake({
    transaction: async (work) => {
      await house.transaction(work);
      throw new Error('The answer to the commit was lost.');
    },
  });
  const answers = await Promise.allSettled(
    [1, 2].map((count) => forgetful({ organizationId, events: of(ada.id, count) })),
  );
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await house.prisma.usageEvent.count({ where: { customerId: ada.id } })).toBe(3);
});
