import fc from 'fast-check';
import { test } from 'vitest';
import { countsRight, staysInOrder } from '../domain/credits/model.ts';

test('a hundred thousand lives of a purse are counted as one would on one’s fingers', () => {
  fc.assert(countsRight, { numRuns: 100_000 });
});

test('in a hundred thousand lives of three grants the books are in order', () => {
  fc.assert(staysInOrder, { numRuns: 100_000 });
});
