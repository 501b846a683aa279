import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/lib/id.ts';
import { insert, patch } from '../../src/platform/rows.ts';
import { type House, openHouse } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const stored = (id: string) => house.prisma.customer.findUniqueOrThrow({ where: { id } });

test('rows are added with what they name, and with the defaults of the table for the rest', async () => {
  const { organizationId, time } = house;
  const made = { organizationId, createdAt: time.now, updatedAt: time.now };
  const people = [
    { id: newId('customer'), email: 'a"b\\c@example.com', name: 'Zoë\n“x”', metadata: { deep: [1, null, 'ü'] } },
    { id: newId('customer'), email: 'plain@example.com', name: null, metadata: {} },
  ];
  await house.transaction((tx) =>
    insert(
      tx.db,
      'Customer',
      people.map((person) => ({ ...person, ...made })),
    ),
  );
  for (const person of people) expect(await stored(person.id)).toMatchObject({ ...person, ...made, settleAt: null });
  await house.transaction((tx) => insert(tx.db, 'Customer', []));
});

test('bytes and instants arrive as they are', async () => {
  const { organizationId } = house;
  const [digest, createdAt] = [
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
    new Date('2026-03-01T12:34:56.789Z'),
  ];
  const id = newId('accessToken');
  const row = { id, organizationId, name: 'A token', digest, scopes: ['a', 'b,c'], createdAt };
  await house.transaction((tx) => insert(tx.db, 'AccessToken', [row]));
  const found = await house.prisma.accessToken.findUniqueOrThrow({ where: { id }, omit: { digest: false } });
  expect(found).toMatchObject({ scopes: ['a', 'b,c'], createdAt });
  expect(Buffer.from(found.digest)).toEqual(Buffer.from(digest));
});

test('each row is changed in the columns that it names, and in no other', async () => {
  const [one, other, third] = [await house.customer(), await house.customer(), await house.customer()];
  const settleAt = new Date('2026-03-02T00:00:00.001Z');
  await house.transaction((tx) =>
    patch(tx.db, 'Customer', [
      { id: one.id, name: null, settleAt },
      { id: other.id, metadata: { tier: 'gold' } },
      { id: 'cus_nobody', name: 'Nobody' },
    ]),
  );
  expect(await stored(one.id)).toEqual({ ...one, name: null, settleAt });
  expect(await stored(other.id)).toEqual({ ...other, metadata: { tier: 'gold' } });
  expect(await stored(third.id)).toEqual(third);
  await house.transaction((tx) => patch(tx.db, 'Customer', []));
});

test('what somebody else wrote into other columns of a row meanwhile stays', async () => {
  const customer = await house.customer();
  const { promise: written, resolve: write } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const other = house.transaction(async (tx) => {
    await tx.db.customer.update({ where: { id: customer.id }, data: { name: 'Grace' } });
    begin();
    await written;
  });
  await begun;
  const patching = house.transaction((tx) => patch(tx.db, 'Customer', [{ id: customer.id, externalId: 'x-1' }]));
  await expect
    .poll(() => house.database.read('waiting for rows', 'SELECT 1 FROM pg_locks WHERE NOT granted', []), {
      timeout: 20_000,
    })
    .not.toEqual([]);
  write();
  await Promise.all([other, patching]);
  expect(await stored(customer.id)).toMatchObject({ name: 'Grace', externalId: 'x-1' });
});
