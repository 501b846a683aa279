import fc from 'fast-check';
import type { Clause, Filter } from '../../../src/domain/meters/filter.ts';
import type { Occurrence } from '../../../src/domain/meters/matching.ts';

const text = fc.constantFrom('', 'a', 'b', 'ab', 'a_b', 'a%b', 'A', '\\', 'é', '\u{1F600}', '\uFFFD', '10', 'true');
const number = fc.oneof(
  fc.constantFrom(0, 1, -1, 0.1, 0.3, 1e21, 1e-7, 1e300, 10),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
);
const scalar = fc.oneof(text, number, fc.boolean());
const key = fc.constantFrom('a', 'b', 'a.b', 'model');
const instant = fc.constantFrom('2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00.001Z', '2026-04-01T00:00:00.000Z');

const clause: fc.Arbitrary<Clause> = fc.oneof(
  fc.record({
    property: fc.constantFrom('a', 'b', 'a.b', 'a.a', 'model', 'a.b.a', 'constructor'),
    operator: fc.constantFrom('EQ', 'NE', 'GT', 'GTE', 'LT', 'LTE') as fc.Arbitrary<Clause['operator']>,
    value: fc.oneof(text, number),
  }),
  fc.record({
    property: key,
    operator: fc.constantFrom('EQ', 'NE') as fc.Arbitrary<Clause['operator']>,
    value: fc.boolean(),
  }),
  fc.record({
    property: fc.constantFrom('a', 'a.b', 'name', 'externalId'),
    operator: fc.constantFrom('LIKE', 'NOT_LIKE', 'EQ', 'NE', 'GT', 'LTE') as fc.Arbitrary<Clause['operator']>,
    value: text,
  }),
  fc.record({
    property: fc.constant('timestamp'),
    operator: fc.constantFrom('EQ', 'NE', 'GT', 'GTE', 'LT', 'LTE') as fc.Arbitrary<Clause['operator']>,
    value: instant,
  }),
);

export const filters: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    clause,
    fc.record({
      conjunction: fc.constantFrom('AND', 'OR') as fc.Arbitrary<'AND' | 'OR'>,
      clauses: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
    }),
  ),
})).filter;

export const occurrences: fc.Arbitrary<Occurrence> = fc.record({
  name: fc.constantFrom('a', 'ab', 'b'),
  timestamp: instant.map((value) => new Date(value)),
  externalId: fc.constant(null),
  metadata: fc.dictionary(key, fc.oneof(scalar, fc.dictionary(key, fc.oneof(scalar, fc.dictionary(key, scalar)))), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
});
