import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Meter } from '../../../prisma/generated/client/client.ts';
import * as meters from '../../../src/domain/meters/meters.ts';
import { quantities, type Wanted } from '../../../src/domain/meters/quantities.ts';
import { ingest } from '../../../src/domain/usage/ingestion.ts';
import { type House, openHouse } from '../../support/house.ts';

let house: House;
let count: Meter;
let adaId: string;

const report = (timestamp: string, metadata: object = {}, externalId = 'grace') => ({
  name: 'tokens',
  customer: { externalId },
  timestamp: new Date(timestamp),
  metadata,
});
const meter = (aggregation: string, property?: string) =>
  house.transaction((tx) =>
    meters.create(tx, {
      organizationId: house.organizationId,
      name: aggregation,
      aggregation: { function: aggregation as 'COUNT', ...(property && { property }) },
    }),
  );
const told = async (which: Meter, wanted: Wanted) => {
  const { buckets, total } = await quantities(house.database, which, wanted);
  return {
    total: total?.toFixed() ?? null,
    buckets: buckets.map(({ startsAt, quantity }) => [startsAt.toISOString(), quantity?.toFixed() ?? null]),
  };
};

beforeAll(async () => {
  house = await openHouse({ startAt: new Date('2026-12-31T00:00:00Z') });
  adaId = (await house.customer()).id;
  count = await meter('COUNT');
  await house.transaction((tx) =>
    ingest(tx, {
      organizationId: house.organizationId,
      events: [
        report('2026-03-28T22:59:59.999Z', { n: 1 }),
        report('2026-03-28T23:00:00Z', { n: 2 }),
        report('2026-03-29T21:59:59.999Z', { n: 4, who: 'a' }),
        report('2026-03-29T22:00:00Z', { n: 8, who: 'a' }),
        report('2026-10-25T00:30:00Z', { n: 16, who: 'b' }),
        report('2026-10-25T01:30:00Z', { n: 32 }),
        { ...report('2026-10-25T22:59:00Z', { n: 64.5 }), customer: { id: adaId } },
      ],
    }),
  );
});
afterAll(() => house[Symbol.asyncDispose]());

const berlin = { timeZone: 'Europe/Berlin' };

describe('quantities', () => {
  test('by day follow the clocks of the zone: a day of 23 hours', async () => {
    const wanted = {
      ...berlin,
      interval: 'DAY' as const,
      from: new Date('2026-03-27T23:00:00Z'),
      to: new Date('2026-03-30T22:00:00Z'),
    };
    expect(await told(count, wanted)).toEqual({
      total: '4',
      buckets: [
        ['2026-03-27T23:00:00.000Z', '1'],
        ['2026-03-28T23:00:00.000Z', '2'],
        ['2026-03-29T22:00:00.000Z', '1'],
      ],
    });
  });

  test('by hour tell the two hours of one name apart', async () => {
    const wanted = {
      ...berlin,
      interval: 'HOUR' as const,
      from: new Date('2026-10-25T00:00:00Z'),
      to: new Date('2026-10-25T03:00:00Z'),
    };
    expect((await told(count, wanted)).buckets).toEqual([
      ['2026-10-25T00:00:00.000Z', '1'],
      ['2026-10-25T01:00:00.000Z', '1'],
      ['2026-10-25T02:00:00.000Z', '0'],
    ]);
  });

  test('by day go on at midnight after a day that began an hour late', async () => {
    const wanted = {
      timeZone: 'America/Sao_Paulo',
      interval: 'DAY' as const,
      from: new Date('2018-11-03T12:00:00Z'),
      to: new Date('2018-11-06T12:00:00Z'),
    };
    expect((await told(count, wanted)).buckets.map(([at]) => at)).toEqual([
      '2018-11-03T03:00:00.000Z',
      '2018-11-04T03:00:00.000Z',
      '2018-11-05T02:00:00.000Z',
      '2018-11-06T02:00:00.000Z',
    ]);
  });

  test('by week begin on Monday, by month on the first', async () => {
    const span = { ...berlin, from: new Date('2026-03-28T00:00:00Z'), to: new Date('2026-04-02T00:00:00Z') };
    expect((await told(count, { ...span, interval: 'WEEK' })).buckets).toEqual([
      ['2026-03-22T23:00:00.000Z', '3'],
      ['2026-03-29T22:00:00.000Z', '1'],
    ]);
    expect((await told(count, { ...span, interval: 'MONTH' })).buckets).toEqual([
      ['2026-02-28T23:00:00.000Z', '4'],
      ['2026-03-31T22:00:00.000Z', '0'],
    ]);
  });

  test.each([
    ['SUM', 'n', '127.5', ['15', '112.5']],
    ['MAX', 'n', '64.5', ['8', '64.5']],
    ['MIN', 'n', '1', ['1', '16']],
    ['AVG', 'n', '18.2142857142857143', ['3.75', '37.5']],
    ['UNIQUE', 'who', '2', ['1', '1']],
  ])('%s of %s is its own over the whole time', async (aggregation, property, total, [march, october]) => {
    const wanted = {
      timeZone: 'UTC',
      interval: 'MONTH' as const,
      from: new Date('2026-03-01T00:00:00Z'),
      to: new Date('2026-11-01T00:00:00Z'),
    };
    const answer = await told(await meter(aggregation, property), wanted);
    expect(answer.total).toBe(total);
    expect([answer.buckets[0]?.[1], answer.buckets[7]?.[1]]).toEqual([march, october]);
    expect(answer.buckets[1]?.[1]).toBe(['SUM', 'UNIQUE'].includes(aggregation) ? '0' : null);
  });

  test('of some customers leave out the others; those still to come are named by their external id', async () => {
    const wanted = {
      timeZone: 'UTC',
      interval: 'MONTH' as const,
      from: new Date('2026-01-01T00:00:00Z'),
      to: new Date('2026-12-01T00:00:00Z'),
    };
    expect((await told(count, { ...wanted, customers: [{ id: adaId }] })).total).toBe('1');
    expect((await told(count, { ...wanted, customers: [{ externalId: 'grace' }] })).total).toBe('6');
    expect((await told(count, { ...wanted, customers: [{ email: 'nobody@example.com' }] })).total).toBe('0');
  });

  test.each<[string, Partial<Wanted>, string[]]>([
    ['an unknown time zone', { timeZone: 'Mars/Olympus' }, ['timeZone']],
    ['a time that ends before it begins', { to: new Date('2026-01-01T00:00:00Z') }, ['to']],
    ['more than 1,000 intervals', { interval: 'HOUR', to: new Date('2026-06-01T00:00:00Z') }, ['interval']],
  ])('refuse %s', async (_what, wrong, path) => {
    const wanted = {
      timeZone: 'UTC',
      interval: 'DAY' as const,
      from: new Date('2026-03-01T00:00:00Z'),
      to: new Date('2026-04-01T00:00:00Z'),
    };
    await expect(quantities(house.database, count, { ...wanted, ...wrong })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      path,
    });
  });
});
