import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as meters from '../../../src/domain/meters/meters.ts';
import type { Report } from '../../../src/domain/usage/checking.ts';
import { ingest, record } from '../../../src/domain/usage/ingestion.ts';
import { MINUTE_MS } from '../../../src/lib/time.ts';
import { type House, openHouse } from '../../support/house.ts';

let house: House;
let customerId: string;
beforeAll(async () => {
  house = await openHouse();
  await house.transaction((tx) =>
    meters.create(tx, {
      organizationId: house.organizationId,
      name: 'Tokens',
      filter: { property: 'name', operator: 'EQ', value: 'tokens' },
      aggregation: { function: 'SUM', property: 'usage.tokens' },
    }),
  );
});
beforeEach(async () => {
  customerId = (await house.customer()).id;
});
afterAll(() => house[Symbol.asyncDispose]());

const send = (events: readonly Report[]) =>
  house.transaction((tx) => ingest(tx, { organizationId: house.organizationId, events }));
const call = (facts: Partial<Report> = {}): Report => ({ name: 'calls', customer: { id: customerId }, ...facts });
const stored = () => house.prisma.usageEvent.findMany({ where: { customerId }, orderBy: { sequence: 'asc' } });

describe('a batch of usage', () => {
  test('is recorded in its order, whatever its external ids', async () => {
    const events = ['c', 'a', null, 'b'].map((externalId, n) =>
      call({ externalId: externalId && `order ${externalId}`, metadata: { n } }),
    );
    expect(await send(events)).toEqual({ ingested: 4, duplicates: 0 });
    expect((await stored()).map(({ metadata }) => metadata)).toEqual([0, 1, 2, 3].map((n) => ({ n })));
  });

  test('takes a thousand at once, and no more', async () => {
    expect(await send(Array.from({ length: 1_000 }, () => call()))).toEqual({ ingested: 1_000, duplicates: 0 });
    await expect(send(Array.from({ length: 1_001 }, () => call()))).rejects.toMatchObject({ path: ['events'] });
    await expect(send([])).rejects.toMatchObject({ path: ['events'] });
  });

  test('counts an external id once: within itself, and for ever', async () => {
    const twice = [call({ externalId: 'once' }), call({ externalId: 'once' }), call()];
    expect(await send(twice)).toEqual({ ingested: 2, duplicates: 1 });
    house.passTime(400 * 24 * 60 * MINUTE_MS);
    expect(await send(twice)).toEqual({ ingested: 1, duplicates: 2 });
  });

  test('counts once when it is sent many times at once, in whatever order', async () => {
    const events = Array.from({ length: 100 }, (_, n) => call({ externalId: `many ${n}` }));
    const shuffled = Array.from({ length: 8 }, (_, turn) => [
      ...events.slice(turn * 10),
      ...events.slice(0, turn * 10),
    ]);
    const answers = await Promise.all(shuffled.map(send));
    expect(answers.reduce((sum, { ingested }) => sum + ingested, 0)).toBe(100);
    expect(await stored()).toHaveLength(100);
  });

  test('finds customers by id, external id and e-mail', async () => {
    const found = await house.prisma.customer.update({
      where: { id: customerId },
      data: { externalId: 'known' },
    });
    await send([
      call(),
      call({ customer: { externalId: ' known ' } }),
      call({ customer: { email: found.email.toUpperCase() } }),
    ]);
    expect(await stored()).toHaveLength(3);
  });

  test('takes late events, and those of a clock that is a little ahead', async () => {
    const now = house.clock().getTime();
    await send([
      call({ timestamp: new Date(now + 5 * MINUTE_MS) }),
      call({ timestamp: new Date('1999-01-01T00:00:00Z') }),
      call(),
    ]);
    expect((await stored()).map(({ timestamp }) => timestamp.getTime())).toEqual([
      now + 5 * MINUTE_MS,
      Date.UTC(1999),
      now,
    ]);
  });

  const deep = (depth: number): object => (depth === 0 ? { end: 1 } : { deeper: deep(depth - 1) });
  test.each<[string, () => Partial<Report>, string[]]>([
    ['an unknown id', () => ({ customer: { id: 'cus_nobody' } }), ['customer', 'id']],
    ['an unknown e-mail address', () => ({ customer: { email: 'nobody@example.com' } }), ['customer', 'email']],
    ['no customer', () => ({ customer: {} }), ['customer']],
    ['two customers', () => ({ customer: { id: customerId, externalId: 'x' } }), ['customer']],
    ['an empty external customer', () => ({ customer: { externalId: ' ' } }), ['customer', 'externalId']],
    [
      'a time more than 5 minutes ahead',
      () => ({ timestamp: new Date(house.clock().getTime() + 5 * MINUTE_MS + 1) }),
      ['timestamp'],
    ],
    ['no name', () => ({ name: ' ' }), ['name']],
    ['an external id that is too long', () => ({ externalId: 'x'.repeat(201) }), ['externalId']],
    ['NaN', () => ({ metadata: { n: Number.NaN } }), ['metadata', 'n']],
    ['1e400', () => ({ metadata: { n: Number('1e400') } }), ['metadata', 'n']],
    ['null in metadata', () => ({ metadata: { n: null } }), ['metadata', 'n']],
    ['a list in metadata', () => ({ metadata: { n: [1] } }), ['metadata', 'n']],
    [
      'metadata of more than 50 keys',
      () => ({ metadata: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, n])) }),
      ['metadata'],
    ],
    ['a key that is too long', () => ({ metadata: { ['k'.repeat(41)]: 1 } }), ['metadata', 'k'.repeat(41)]],
    ['text that is too long', () => ({ metadata: { n: 'x'.repeat(501) } }), ['metadata', 'n']],
    ['metadata that is too deep', () => ({ metadata: deep(5) }), ['metadata', ...Array(5).fill('deeper')]],
    ['metadata that is text', () => ({ metadata: 'x' }), ['metadata']],
    [
      'less than nothing to add up',
      () => ({ name: 'tokens', metadata: { usage: { tokens: -1 } } }),
      ['metadata', 'usage', 'tokens'],
    ],
    [
      'too much to add up',
      () => ({ name: 'tokens', metadata: { usage: { tokens: 1e300 } } }),
      ['metadata', 'usage', 'tokens'],
    ],
  ])('is refused as a whole for %s, naming the event', async (_what, wrong, path) => {
    const events = Array.from({ length: 1_000 }, () => call());
    events[637] = call(wrong());
    await expect(send(events)).rejects.toMatchObject({ path: ['events', '637', ...path] });
    expect(await stored()).toEqual([]);
  });

  test('leaves out what has a mistake where that is asked for, and says what', async () => {
    const { ingested, duplicates, refused } = await house.transaction((tx) =>
      record(tx, {
        organizationId: house.organizationId,
        events: [call({ customer: { id: 'cus_nobody' } }), call(), call({ name: '' })],
      }),
    );
    expect({ ingested, duplicates }).toEqual({ ingested: 1, duplicates: 0 });
    expect(refused.map(({ index, error }) => [index, error.code])).toEqual([
      [0, 'NOT_FOUND'],
      [2, 'INVALID_INPUT'],
    ]);
  });
});
