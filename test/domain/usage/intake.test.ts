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
