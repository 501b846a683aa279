import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as instants from '../../src/domain/due.ts';
import { after, HOUR_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const NOTHING = { customers: false, endpoints: false, balances: false };

test('an instant is due once it has come, and not before', async () => {
  const { database, prisma, time } = house;
  expect(await instants.look(database, time.now)).toEqual(NOTHING);
  const { id } = await house.customer();
  const settleAt = after(time.now, HOUR_MS);
  await prisma.customer.update({ where: { id }, data: { settleAt } });
  expect(await instants.look(database, time.now)).toEqual(NOTHING);
  expect(await instants.look(database, settleAt)).toEqual({ ...NOTHING, customers: true });
});

test('to look reads no table of customers, however many they are', async () => {
  await house.prisma.$executeRaw`
    INSERT INTO "Customer" (id, "organizationId", email, metadata, "settleAt", "createdAt", "updatedAt")
    SELECT 'cus_' || n, ${house.organizationId}, n || '@example.com', '{}', now() + n * interval '1 minute', now(), now()
    FROM generate_series(1, 2000) n`;
  await house.prisma.$executeRaw`ANALYZE "Customer"`;
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  await client.query('SET plan_cache_mode = force_generic_plan');
  await client.query(`PREPARE due (timestamptz) AS ${instants.DUE}`);
  const { rows } = await client.query('EXPLAIN EXECUTE due (now())');
  await client.end();
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('Customer_settleAt_idx');
  expect(plan).not.toContain('Seq Scan on "Customer"');
});
