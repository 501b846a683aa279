import { expect, test } from 'vitest';
import { differences } from '../../src/lib/difference.ts';

const before = { name: 'Ada', note: null, at: new Date(0), metadata: { a: 1, b: { c: [1, 2], d: true } } };

test.each<[wanted: object, changed: string[]]>([
  [{}, []],
  [{ name: 'Ada', note: null, at: new Date(0) }, []],
  [{ metadata: { b: { d: true, c: [1, 2], e: undefined }, a: 1 } }, []],
  [{ name: 'Grace', note: '' }, ['name', 'note']],
  [{ at: new Date(1) }, ['at']],
  [{ metadata: { a: 1, b: { c: [2, 1], d: true } } }, ['metadata']],
  [{ metadata: { a: '1', b: { c: [1, 2], d: true } } }, ['metadata']],
  [{ metadata: {} }, ['metadata']],
  [{ more: 1 }, ['more']],
])('%j changes %j', (wanted, changed) => {
  expect(differences(before, wanted)).toEqual(changed);
});
