import fc from 'fast-check';
import { test } from 'vitest';
import { countsRight, staysInOrder } from './model.ts';

test('credits are counted as one would on one’s fingers', () => {
  fc.assert(countsRight, { numRuns: 1_500, interruptAfterTimeLimit: 4_000 });
});

test('whatever happens, the books are in order', () => {
  fc.assert(staysInOrder, { numRuns: 2_000, interruptAfterTimeLimit: 4_000 });
});
