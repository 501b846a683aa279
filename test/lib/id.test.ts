import { expect, test } from 'vitest';
import { type IdType, isId, newId, newSecretId, PREFIXES } from '../../src/lib/id.ts';

const NOW = new Date('2026-03-01T12:00:00Z');

test('every type has its own prefix, and knows its ids from those of the others', () => {
  const types = Object.keys(PREFIXES) as IdType[];
  expect(new Set(Object.values(PREFIXES)).size).toBe(types.length);
  for (const type of types) {
    const id = newId(type);
    expect(id.startsWith(`${PREFIXES[type]}_`)).toBe(true);
    expect(types.filter((candidate) => isId(candidate, id))).toEqual([type]);
  }
});

test('ids sort by the time they were made', () => {
  const instants = [
    0,
    1,
    31,
    32,
    1_000,
    86_400_000,
    10 * 365 * 86_400_000,
    Date.parse('9999-01-01T00:00:00Z') - NOW.getTime(),
  ];
  const ids = instants.map((milliseconds) => newId('event', new Date(NOW.getTime() + milliseconds)));
  expect(ids.toSorted()).toEqual(ids);
});

test('a thousand ids of one millisecond differ', () => {
  expect(new Set(Array.from({ length: 1_000 }, () => newId('grant', NOW))).size).toBe(1_000);
});

test('an id that is enough by itself has at least 100 random bits', () => {
  const random = newSecretId('activation', NOW).slice(newId('activation', NOW).length - 16);
  expect(random.length * 5).toBeGreaterThanOrEqual(100);
  expect(isId('activation', newSecretId('activation'))).toBe(true);
});

test.each(['', 'grt_\0', 'grt_ABC', 'ben_0123', 'grt_0;drop', `grt_${'0'.repeat(100)}`, 'grt_é'])(
  '%j is no id of a grant',
  (text) => {
    expect(isId('grant', text)).toBe(false);
  },
);

test('ids made in one millisecond sort in the order they were made', () => {
  const now = new Date('2026-03-01T12:00:00Z');
  const ids = Array.from({ length: 2_000 }, () => newId('grant', now));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});
