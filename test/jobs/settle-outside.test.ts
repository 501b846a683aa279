import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { settleHere } from '../../src/benefits/fulfillment.ts';
import * as benefits from '../../src/domain/benefits.ts';
import * as customers from '../../src/domain/customers.ts';
import * as manualGrants from '../../src/domain/manual-grants.ts';
import * as organizations from '../../src/domain/organizations.ts';
import { spreadRollout } from '../../src/jobs/spread-rollout.ts';
import { waitingJobs } from '../support/jobs.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { openRooms, type Rooms } from '../support/rooms.ts';
import { openWorker } from '../support/worker.ts';

vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

/** More than a process settles at once. */
const MANY = 14;
let rooms: Rooms;
beforeAll(async () => {
  rooms = await openRooms();
});
afterAll(() => rooms[Symbol.asyncDispose]());

/** Somebody of another organization who is given a place in a room. */
async function stranger() {
  const { transaction } = rooms.house;
  const account = rooms.newAccount();
  const { id: organizationId } = await transaction((tx) => organizations.create(tx, { name: 'Others' }));
  const benefit = await transaction((tx) =>
    benefits.create(tx, {
      organizationId,
      type: 'toy_room',
      description: 'A place',
      properties: { room: 'attic', level: 1 },
    }),
  );
  const customer = await transaction((tx) =>
    customers.create(tx, { organizationId, email: 'stranger@example.com', name: account }),
  );
  const give = () =>
    transaction((tx) => manualGrants.create(tx, { organizationId, customerId: customer.id, benefitId: benefit.id }));
  return { account, give };
}

test('an organization whose third party hangs for many of its customers holds up nobody else’s', async () => {
  const { account, give } = await stranger();
  const held = Promise.withResolvers<void>();
  const customerOf = new Map<string, string>();
  const waiting = new Set<string>();
  rooms.provider.onWrite = async (write) => {
    const customerId = customerOf.get(write.account);
    if (!customerId) return;
    waiting.add(customerId);
    await held.promise;
  };
  const inLine = async () => {
    const jobs = (await waitingJobs(rooms.house)).filter(({ name }) => name === 'settle-outside');
    return new Set([...waiting, ...jobs.map(({ data }) => data.customerId)]).size;
  };
  const place = await rooms.place();
  const product = await rooms.house.product([place.id]);
  await using _ = await openWorker({ ...rooms.house });
  // One by one, so that each finds a worker of its own as long as there is one.
  for (let count = 1; count <= MANY; count++) {
    const customer = await rooms.house.customer();
    const account = rooms.newAccount();
    customerOf.set(account, customer.id);
    await rooms.merchant.rename(customer.id, account);
    await rooms.merchant.subscribe(customer.id, product.id);
    await expect.poll(inLine, { timeout: PATIENCE_MS }).toBe(count);
  }
  await give();
  await expect.poll(() => rooms.provider.of(account), { timeout: PATIENCE_MS }).toEqual({ attic: 1 });
  held.resolve();
  const given = { state: 'ACTIVE', benefitId: place.id } as const;
  await expect.poll(() => rooms.house.prisma.benefitGrant.count({ where: given }), { timeout: PATIENCE_MS }).toBe(MANY);
});

test('what is bought goes before edits, also what somebody buys whom an edit has yet to reach', async () => {
  const { house, merchant } = rooms;
  const { customerId, benefits, product, settle } = await rooms.subscriber('lobby');
  const spread = async () => {
    for (const { id } of await house.prisma.rollout.findMany({ where: { spreadAt: null } }))
      await spreadRollout(house.transaction).handle({ rolloutId: id });
  };
  const handed = async () => {
    await house.prisma.$executeRaw`DELETE FROM pgboss.job WHERE name = 'settle-outside'`;
    await settleHere(house, [customerId]);
    return (await waitingJobs(house)).filter(({ name }) => name === 'settle-outside').map(({ priority }) => priority);
  };
  await spread();
  await settle();
  await merchant.editBenefit(benefits[0]?.id ?? '', { room: 'lobby', level: 1 });
  await spread();
  expect(await handed()).toEqual([-10]);
  const attic = await rooms.place(1, 'attic');
  await merchant.subscribe(customerId, (await house.product([attic.id])).id);
  expect(await handed()).toEqual([0]);
  await settle();
  expect(await rooms.house.prisma.rolloutCustomer.count({ where: { customerId } })).toBe(0);

  house.passTime(1_000);
  const cellar = await rooms.place(1, 'cellar');
  await merchant.setBenefits(product.id, [...benefits.map(({ id }) => id), cellar.id]);
  await spread();
  expect(await handed()).toEqual([-10]);
  await merchant.subscribe(customerId, product.id);
  expect(await handed()).toEqual([0]);
});
