import { expect, test } from 'vitest';
import { oldestIn } from '../../src/lib/oldest.ts';

test('it is who came first of those that are left', () => {
  const map = new Map([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  const oldest = oldestIn(map);
  expect(oldest()).toEqual(['a', 1]);
  expect(oldest()).toEqual(['a', 1]);
  map.delete('b');
  map.delete('a');
  expect(oldest()).toEqual(['c', 3]);
});

test('who comes again is the youngest', () => {
  const map = new Map([
    ['a', 1],
    ['b', 2],
  ]);
  const oldest = oldestIn(map);
  expect(oldest()).toEqual(['a', 1]);
  map.delete('a');
  map.set('a', 3);
  expect(oldest()).toEqual(['b', 2]);
  map.delete('b');
  expect(oldest()).toEqual(['a', 3]);
});

test('it is empty, filled again, and empty again', () => {
  const map = new Map<string, number>();
  const oldest = oldestIn(map);
  for (const round of [1, 2, 3]) {
    expect(oldest()).toBeUndefined();
    map.set('a', round);
    expect(oldest()).toEqual(['a', round]);
    map.delete('a');
  }
  expect(oldest()).toBeUndefined();
});

test('a map that is cleared and filled begins anew', () => {
  const map = new Map([['a', 1]]);
  const oldest = oldestIn(map);
  expect(oldest()).toEqual(['a', 1]);
  map.clear();
  map.set('b', 2).set('c', 3);
  expect(oldest()).toEqual(['b', 2]);
});
