import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Prisma } from '../../../prisma/generated/client/client.ts';
import { aggregateOf, conditionOf } from '../../../src/domain/meters/conditions.ts';
import { type Measure, matches, type Occurrence, read, unitsOf } from '../../../src/domain/meters/matching.ts';
import { formatUnits } from '../../../src/lib/units.ts';
import { type House, openHouse } from '../../support/house.ts';
import { filters, occurrences } from './arbitraries.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

/** The events as rows, without writing them. */
const rows = (events: readonly Occurrence[]) => Prisma.sql`
  jsonb_to_recordset(${JSON.stringify(events.map((event, index) => ({ ...event, index })))}::jsonb)
    AS e(index int, name text, timestamp timestamptz, "externalId" text, metadata jsonb)`;

test('SQL lets through exactly the events that the pure filter lets through', async () => {
  await fc.assert(
    fc.asyncProperty(filters, fc.array(occurrences, { minLength: 1, maxLength: 30 }), async (filter, events) => {
      const found = await house.prisma.$queryRaw<{ index: number }[]>`
        SELECT e.index FROM ${rows(events)} WHERE ${conditionOf(filter)} ORDER BY 1`;
      const expected = events.flatMap((event, index) => (matches(filter, event) ? [index] : []));
      expect(found.map(({ index }) => index)).toEqual(expected);
    }),
    { numRuns: 250 },
  );
});

test('SQL sums up as one would by hand', async () => {
  const measures = fc.record({
    filter: fc.constant(null),
    aggregation: fc.constantFrom('SUM', 'MAX', 'MIN', 'UNIQUE', 'COUNT', 'AVG') as fc.Arbitrary<Measure['aggregation']>,
    property: fc.constantFrom('a', 'b', 'a.b'),
  });
  await fc.assert(
    fc.asyncProperty(measures, fc.array(occurrences, { maxLength: 20 }), async (drawn, events) => {
      const measure = drawn.aggregation === 'COUNT' ? { ...drawn, property: null } : drawn;
      const [found] = await house.prisma.$queryRaw<{ quantity: Prisma.Decimal | null }[]>`
        SELECT ${aggregateOf(measure)} AS quantity FROM ${rows(events)}`;
      const expected = byHand(measure, events);
      if (expected === null) {
        expect(found?.quantity).toBeNull();
        return;
      }
      // A mean has more digits than a decimal of this library keeps.
      const close = new Prisma.Decimal(found?.quantity ?? Number.NaN).minus(expected).abs();
      const slack = measure.aggregation === 'AVG' ? expected.abs().times(1e-15).plus(1e-17) : new Prisma.Decimal(0);
      expect(close.lte(slack), `${found?.quantity} is not ${expected}`).toBe(true);
    }),
    { numRuns: 200 },
  );
});

function byHand(measure: Measure, events: readonly Occurrence[]): Prisma.Decimal | null {
  const Exact = Prisma.Decimal.clone({ precision: 700 });
  const values = events.map((event) => read(event, measure.property ?? ''));
  const numbers = values.filter((value) => typeof value === 'number').map((value) => new Exact(value));
  switch (measure.aggregation) {
    case 'COUNT':
      return new Exact(events.length);
    case 'UNIQUE':
      return new Exact(new Set(values.filter((value) => value !== undefined && typeof value !== 'object')).size);
    case 'SUM':
      return events.reduce((sum, event) => sum.plus(formatUnits(unitsOf(measure, event) ?? 0n)), new Exact(0));
    case 'MAX':
      return numbers.length > 0 ? Exact.max(...numbers) : null;
    case 'MIN':
      return numbers.length > 0 ? Exact.min(...numbers) : null;
    case 'AVG':
      return numbers.length > 0
        ? numbers.reduce((sum, value) => sum.plus(value), new Exact(0)).div(numbers.length)
        : null;
  }
}
