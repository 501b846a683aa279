import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import * as benefits from '../../src/domain/benefits.ts';
import * as customers from '../../src/domain/customers.ts';
import * as manualGrants from '../../src/domain/manual-grants.ts';
import * as organizations from '../../src/domain/organizations.ts';
import { openRooms, type Rooms } from '../support/rooms.ts';
import { openWorker } from '../support/worker.ts';

vi.setConfig({ testTimeout: 60_000 });

/** More than a process settles at once. */
const MANY = 30;
/** Less than a call to a third party may take. */
const PATIENCE_MS = 40_000;

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
  let waiting = 0;
  rooms.provider.onWrite = async (write) => {
    if (write.room !== 'lobby') return;
    waiting += 1;
    await held.promise;
  };
  const place = await rooms.place();
  const product = await rooms.house.product([place.id]);
  for (let count = 0; count < MANY; count++) {
    const customer = await rooms.house.customer();
    await rooms.merchant.rename(customer.id, rooms.newAccount());
    await rooms.merchant.subscribe(customer.id, product.id);
  }
  await using _ = await openWorker({ ...rooms.house });
  await expect.poll(() => waiting, { timeout: PATIENCE_MS }).toBeGreaterThanOrEqual(10);
  await give();
  await expect.poll(() => rooms.provider.of(account), { timeout: PATIENCE_MS }).toEqual({ attic: 1 });
  held.resolve();
  const given = { state: 'ACTIVE', benefitId: place.id } as const;
  await expect.poll(() => rooms.house.prisma.benefitGrant.count({ where: given }), { timeout: PATIENCE_MS }).toBe(MANY);
});
