import { describe, expect, test } from 'vitest';
import { type Clause, checkFilter } from '../../../src/domain/meters/filter.ts';
import { type Measure, matches, unfit, unitsOf } from '../../../src/domain/meters/matching.ts';
import { formatUnits } from '../../../src/lib/units.ts';

const event = {
  name: 'tokens',
  timestamp: new Date('2026-03-01T12:00:00Z'),
  externalId: null,
  metadata: { model: 'gpt-4o', count: 12.5, cached: true, user: { plan: { tier: 'pro' } }, 'gen_ai.units': 3 },
};

describe('a filter', () => {
  test.each<[Clause['property'], Clause['operator'], Clause['value'], boolean]>([
    ['name', 'EQ', 'tokens', true],
    ['name', 'NE', 'tokens', false],
    ['name', 'LIKE', 'tok', true],
    ['externalId', 'EQ', 'x', false],
    ['externalId', 'NE', 'x', false],
    ['externalId', 'NOT_LIKE', 'x', false],
    ['timestamp', 'EQ', '2026-03-01T12:00:00.000Z', true],
    ['timestamp', 'GT', '2026-03-01T11:59:59.999Z', true],
    ['timestamp', 'LT', '2026-03-01T12:00:00.000Z', false],
    ['model', 'EQ', 'gpt-4o', true],
    ['model', 'LIKE', 'gpt-%', true],
    ['model', 'NOT_LIKE', 'claude', true],
    ['model', 'GT', 'gpt', true],
    ['count', 'EQ', 12.5, true],
    ['count', 'GTE', 12.5, true],
    ['count', 'GT', 12.5, false],
    ['count', 'LTE', 12, false],
    ['count', 'EQ', '12.5', false],
    ['count', 'NE', '12.5', false],
    ['count', 'NE', 13, true],
    ['cached', 'EQ', true, true],
    ['cached', 'NE', true, false],
    ['cached', 'EQ', 'true', false],
    ['user.plan.tier', 'EQ', 'pro', true],
    ['user.plan', 'EQ', 'pro', false],
    ['user.plan.tier.length', 'EQ', 3, false],
    ['gen_ai.units', 'EQ', 3, true],
    ['missing', 'NE', 'x', false],
    ['toString', 'NE', 'x', false],
  ])('%s %s %s: %s', (property, operator, value, is) => {
    expect(matches({ property, operator, value }, event)).toBe(is);
  });

  test('joins others by AND and OR, within each other', () => {
    const yes: Clause = { property: 'name', operator: 'EQ', value: 'tokens' };
    const no: Clause = { property: 'name', operator: 'EQ', value: 'calls' };
    expect(matches({ conjunction: 'AND', clauses: [yes, no] }, event)).toBe(false);
    expect(matches({ conjunction: 'OR', clauses: [no, { conjunction: 'AND', clauses: [yes, yes] }] }, event)).toBe(
      true,
    );
  });

  const nested = (depth: number): object =>
    depth === 1 ? { property: 'a', operator: 'EQ', value: 1 } : { conjunction: 'AND', clauses: [nested(depth - 1)] };

  test.each<[string, unknown, string[]]>([
    ['101 deep', nested(101), [...Array(10).fill(['clauses', '0']).flat()]],
    ['of more than 100 parts', { conjunction: 'OR', clauses: Array(101).fill(nested(1)) }, []],
    ['of nothing', {}, ['property']],
    ['of both forms', { property: 'a', conjunction: 'AND', clauses: [nested(1)] }, []],
    ['without clauses', { conjunction: 'AND', clauses: [] }, ['clauses']],
    ['joined by something else', { conjunction: 'XOR', clauses: [nested(1)] }, ['conjunction']],
    ['with an unknown operator', { property: 'a', operator: 'IS', value: 1 }, ['operator']],
    ['with no value', { property: 'a', operator: 'EQ' }, ['value']],
    ['with NaN', { property: 'a', operator: 'EQ', value: Number.NaN }, ['value']],
    ['with 1e400', { property: 'a', operator: 'EQ', value: Number('1e400') }, ['value']],
    ['that likens numbers', { property: 'a', operator: 'LIKE', value: 1 }, ['value']],
    ['that orders booleans', { property: 'a', operator: 'GT', value: true }, ['value']],
    ['with a number for a name', { property: 'name', operator: 'EQ', value: 1 }, ['value']],
    ['with no time for a time', { property: 'timestamp', operator: 'GT', value: 'yesterday' }, ['value']],
    ['with an object', { property: 'a', operator: 'EQ', value: {} }, ['value']],
    ['that is a list', [], []],
    ['whose part is none', { conjunction: 'AND', clauses: [nested(1), 7] }, ['clauses', '1']],
  ])('%s is refused', (_what, filter, path) => {
    expect(() => checkFilter(filter, ['filter'])).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', path: ['filter', ...path] }),
    );
  });

  test('10 deep stands', () => {
    expect(checkFilter(nested(10), [])).toEqual(nested(10));
  });
});

describe('a meter', () => {
  const count: Measure = { filter: null, aggregation: 'COUNT', property: null };
  const sum: Measure = { filter: null, aggregation: 'SUM', property: 'count' };
  const with_ = (value: unknown) => ({ ...event, metadata: { count: value } });

  test.each<[string, Measure, object, string | null]>([
    ['counts one', count, {}, '1'],
    ['adds a number up', sum, { count: 12.5 }, '12.5'],
    ['adds exactly', sum, { count: 0.1 }, '0.1'],
    ['adds nothing', sum, { count: 0 }, '0'],
    ['keeps 18 places', sum, { count: 1.5e-18 }, '0.000000000000000002'],
    ['takes no text for a number', sum, { count: '12.5' }, null],
    ['takes no boolean for a number', sum, { count: true }, null],
    ['passes over what is missing', sum, {}, null],
    ['passes over what is below zero', sum, { count: -1 }, null],
    ['passes over what is beyond all measure', sum, { count: 1e300 }, null],
    ['that does not add up adds nothing', { ...sum, aggregation: 'MAX' }, { count: 1 }, null],
    [
      'whose filter does not match adds nothing',
      { ...count, filter: { property: 'x', operator: 'EQ', value: 1 } },
      {},
      null,
    ],
  ])('%s', (_what, meter, metadata, units) => {
    const added = unitsOf(meter, { ...event, metadata });
    expect(added === null ? null : formatUnits(added)).toBe(units);
  });

  test('says what it could not add up, only of what it counts', () => {
    expect(unfit(sum, with_(-1))).toBe(-1);
    expect(unfit(sum, with_(1e300))).toBe(1e300);
    expect(unfit(sum, with_('-1'))).toBeNull();
    expect(unfit({ ...sum, filter: { property: 'name', operator: 'EQ', value: 'calls' } }, with_(-1))).toBeNull();
  });
});
