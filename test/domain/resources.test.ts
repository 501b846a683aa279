import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as resources from '../../src/domain/resources.ts';
import type { Tx } from '../../src/platform/unit-of-work.ts';
import { type House, openHouse } from '../support/house.ts';
import { merchantOf } from '../support/merchant.ts';

/** A language has `attic` first, a computer `Lobby`. */
const KEYS = ['Lobby', 'attic'];

let house: House;
let claimant: resources.Claimant;
beforeAll(async () => {
  house = await openHouse();
  for (const table of ['Resource', 'ResourceClaim'])
    await house.prisma.$executeRawUnsafe(`ALTER TABLE "${table}" ALTER COLUMN key TYPE text COLLATE "en-x-icu"`);
  const benefit = await house.benefit();
  const { customer } = await merchantOf(house).subscriber([benefit.id]);
  const [grant] = await house.grants(customer.id);
  claimant = { organizationId: house.organizationId, grantId: grant?.id ?? '' };
  await house.transaction(claim);
});
afterAll(() => house[Symbol.asyncDispose]());

async function claim(tx: Tx): Promise<void> {
  const claims = KEYS.map((key) => ({ key, level: 1 }));
  await resources.claim(tx, claimant, claims);
}

const waiting = () => house.prisma.$queryRaw`
  SELECT 1 AS waits FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;

describe('of several accesses, whatever the language of the database', () => {
  test.each([
    ['claims', claim],
    ['forgets', (tx: Tx) => resources.forget(tx, claimant)],
  ])('who %s them takes the same one first', async (_, work) => {
    let done: Promise<void> | undefined;
    await house.transaction(async (tx) => {
      await tx.db.$queryRaw`SELECT 1 FROM "Resource" WHERE key = 'Lobby' FOR UPDATE`;
      done = house.transaction(work);
      await expect.poll(waiting).toEqual([{ waits: 1 }]);
      expect(await tx.db.$queryRaw`SELECT key FROM "Resource" FOR UPDATE SKIP LOCKED`).toEqual([{ key: 'Lobby' }]);
    });
    await done;
  });
});
