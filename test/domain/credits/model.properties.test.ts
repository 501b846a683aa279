import fc from 'fast-check';
import { test } from 'vitest';
import { countsRight, staysInOrder } from './model.ts';
import { plansCountRight } from './plans.ts';

/** As many as there is time for, on a machine of any speed. */
const AS_MANY = { numRuns: 1_000_000, interruptAfterTimeLimit: 3_000 };

test('credits are counted as one would on one’s fingers', () => {
  fc.assert(countsRight, AS_MANY);
});

test('whatever happens, the books are in order', () => {
  fc.assert(staysInOrder, AS_MANY);
});

test('a subscription that is renewed, changed, stopped and given back has what one would count', () => {
  fc.assert(plansCountRight, AS_MANY);
});
