import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Event } from '../../prisma/generated/client/client.ts';
import * as organizations from '../../src/domain/organizations.ts';
import * as readers from '../../src/domain/readers.ts';
import { type House, openHouse } from '../support/house.ts';

let house: House;
let organizationId: string;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(async () => {
  ({ id: organizationId } = await house.transaction((tx) => organizations.create(tx, { name: 'Acme' })));
});

const say = (count: number) =>
  house.transaction(async (tx) => {
    for (let n = 0; n < count; n++) tx.append({ organizationId, type: 'thing.made', subjectId: 'one', data: { n } });
  });
const advance = (reader: readers.Reader) => house.transaction((tx) => readers.advance(tx, reader, organizationId));
/** Writes what it hears into the database, as readers do. */
const scribe = (
  name: string,
  onHear: (events: readonly Event[]) => void | Promise<void> = () => {},
): readers.Reader => ({
  name,
  async hear(tx, events) {
    await tx.db.idempotencyKey.createMany({
      data: events.map(({ id }) => ({
        organizationId,
        operation: name,
        key: id,
        request: Buffer.of(),
        createdAt: tx.now,
      })),
    });
    await onHear(events);
  },
});
const written = (name: string) => house.prisma.idempotencyKey.count({ where: { organizationId, operation: name } });

test('a reader hears every event once and in order, in batches, from the first on', async () => {
  const heard: bigint[] = [];
  const reader = scribe('a', (events) => void heard.push(...events.map(({ sequence }) => sequence)));
  await say(600);
  expect(await advance(reader)).toBe(true);
  expect(await advance(reader)).toBe(true);
  expect(await advance(reader)).toBe(false);
  expect(await advance(reader)).toBe(false);
  await say(1);
  await advance(reader);
  expect(heard).toEqual(Array.from({ length: 601 }, (_, index) => BigInt(index + 1)));
});

test('a reader moves past what it does not want to hear of', async () => {
  const heard: bigint[] = [];
  const some = (types: string[]): readers.Reader => ({
    ...scribe('some', (events) => void heard.push(...events.map(({ sequence }) => sequence))),
    hears: async () => types,
  });
  const mixed = (count: number) =>
    house.transaction(async (tx) => {
      for (let n = 0; n < count; n++)
        tx.append({ organizationId, type: n % 3 ? 'thing.made' : 'toy.sold', subjectId: 'one', data: {} });
    });
  await mixed(9);
  expect(await advance(some(['toy.*']))).toBe(false);
  expect(heard).toEqual([1n, 4n, 7n]);
  await mixed(3);
  expect(await advance(some([]))).toBe(false);
  await mixed(3);
  expect(await advance(some(['thing.made', 'other.made']))).toBe(false);
  expect(heard).toEqual([1n, 4n, 7n, 14n, 15n]);
  await say(500);
  expect(await advance(some(['thing.*']))).toBe(true);
  expect(await advance(some(['thing.*']))).toBe(true);
  expect(await advance(some(['thing.*']))).toBe(false);
  expect(heard).toHaveLength(505);
});

test('readers stand each in their own place', async () => {
  await say(3);
  await advance(scribe('a'));
  await say(2);
  await advance(scribe('b'));
  expect([await written('a'), await written('b')]).toEqual([3, 5]);
});

test('what a reader that fails has written is undone, and it hears the same again', async () => {
  await say(3);
  let broken = true;
  const reader = scribe('a', () => {
    if (broken) throw new Error('broken');
  });
  await expect(advance(reader)).rejects.toThrow('broken');
  expect(await written('a')).toBe(0);
  broken = false;
  await advance(reader);
  expect(await written('a')).toBe(3);
});

test('of many workers, each event is heard by one', async () => {
  const all: Promise<unknown>[] = [];
  for (let n = 0; n < 20; n++) all.push(say(10), advance(scribe('a')), advance(scribe('a')));
  await Promise.all(all);
  while ((await readers.behind(house.database, ['a'])).includes(organizationId)) await advance(scribe('a'));
  // One written twice would have violated the key.
  expect(await written('a')).toBe(200);
});

test('a worker does not wait for another one that reads there', async () => {
  await say(1);
  const { promise: until, resolve: release } = Promise.withResolvers<void>();
  const { promise: reading, resolve: begun } = Promise.withResolvers<void>();
  await advance(scribe('a'));
  await say(1);
  const first = advance(
    scribe('a', () => {
      begun();
      return until;
    }),
  );
  await reading;
  expect(await advance(scribe('a'))).toBe(false);
  release();
  await first;
  expect(await written('a')).toBe(2);
});

test('who is behind is found, whichever reader it is, and asked for once', async () => {
  expect(await readers.behind(house.database, ['a', 'b'])).not.toContain(organizationId);
  await say(1);
  expect(await readers.behind(house.database, ['a', 'b'])).toContain(organizationId);
  await advance(scribe('a'));
  expect(await readers.behind(house.database, ['a'])).not.toContain(organizationId);
  expect(await readers.behind(house.database, ['a', 'b'])).toContain(organizationId);
  for (const _ of [1, 2, 3]) await house.transaction(async (tx) => readers.request(tx, [organizationId]));
  const [row] = await house.prisma.$queryRaw<{ count: bigint }[]>`
    SELECT count(*) FROM pgboss.job WHERE name = ${readers.READ_LOG} AND singleton_key = ${organizationId}`;
  expect(row?.count).toBe(1n);
});
