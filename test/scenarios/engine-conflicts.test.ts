import { afterAll, beforeAll, expect, test } from 'vitest';
import * as customers from '../../src/domain/customers.ts';
import { type House, openHouse } from '../support/house.ts';
import { waitingJobs } from '../support/jobs.ts';
import { merchantOf } from '../support/merchant.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

test('two transactions that wait for each other both come through, and each tells its events and adds its jobs once', async () => {
  const { organizationId } = house;
  const [one, other] = [await house.customer(), await house.customer()];
  const before = (await house.events()).length;
  let attempts = 0;
  const { promise: both, resolve: go } = Promise.withResolvers<void>();
  const crosswise = (first: string, second: string) =>
    house.transaction(async (tx) => {
      attempts++;
      await customers.lock(tx, organizationId, first, ['id']);
      tx.append({ organizationId, type: 'test.crossed', subjectId: first, data: {} });
      tx.enqueue({ name: 'settle-customer', data: { customerId: first }, key: first });
      if (attempts >= 2) go();
      await both;
      await customers.lock(tx, organizationId, second, ['id']);
      return first;
    });
  expect(await Promise.all([crosswise(one.id, other.id), crosswise(other.id, one.id)])).toEqual([one.id, other.id]);
  // Who lost may come back too early and lose once more.
  expect(attempts).toBeGreaterThan(2);
  expect((await house.events()).slice(before)).toEqual(['test.crossed', 'test.crossed']);
  expect((await waitingJobs(house)).map(({ data }) => data.customerId).sort()).toEqual([one.id, other.id].sort());
});

test('what fails leaves neither rows nor events nor jobs, and rings nobody', async () => {
  const { organizationId } = house;
  const before = [
    await house.events(),
    await waitingJobs(house),
    await house.prisma.customer.count(),
    house.rung.length,
  ];
  const failing = house.transaction(async (tx) => {
    await customers.create(tx, { organizationId, email: 'nobody@example.com' });
    tx.enqueue({ name: 'settle-customer', data: { customerId: 'nobody' }, key: 'nobody' });
    throw new Error('It failed.');
  });
  await expect(failing).rejects.toThrow('It failed.');
  expect([
    await house.events(),
    await waitingJobs(house),
    await house.prisma.customer.count(),
    house.rung.length,
  ]).toEqual(before);
});

test('a hundred transactions at once number their events without gaps, in the order of their commits', async () => {
  const { organizationId } = house;
  const merchant = merchantOf(house);
  const product = await house.product([(await house.benefit()).id]);
  const people = await Promise.all(Array.from({ length: 100 }, () => house.customer()));
  await Promise.all(
    people.map(({ id }, index) =>
      index % 3 ? merchant.subscribe(id, product.id) : merchant.rename(id, `Ada ${index}`),
    ),
  );
  const events = await house.prisma.event.findMany({ where: { organizationId }, orderBy: { sequence: 'asc' } });
  expect(events.map(({ sequence }) => Number(sequence))).toEqual(events.map((_, index) => index + 1));
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
});
