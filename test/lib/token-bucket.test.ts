import { describe, expect, test } from 'vitest';
import { charge, fillsInMs, take } from '../../src/lib/token-bucket.ts';

const BUCKET = { perSecond: 10, burst: 50 };
const NOW = 1_000_000;

describe('taking from a bucket of 50 that gains 10 a second', () => {
  test.each([
    ['one from a full one', 0, 1, { waitMs: 0, fullAt: NOW + 100 }],
    ['one from one that was full long ago', NOW - 60_000, 1, { waitMs: 0, fullAt: NOW + 100 }],
    ['all at once', 0, 50, { waitMs: 0, fullAt: NOW + 5_000 }],
    ['more than it holds', 0, 51, { waitMs: 100, fullAt: 0 }],
    ['the last one', NOW + 4_900, 1, { waitMs: 0, fullAt: NOW + 5_000 }],
    ['one from an empty one', NOW + 5_000, 1, { waitMs: 100, fullAt: NOW + 5_000 }],
    ['one when half of one has come in', NOW + 4_950, 1, { waitMs: 50, fullAt: NOW + 4_950 }],
    ['five from an empty one', NOW + 5_000, 5, { waitMs: 500, fullAt: NOW + 5_000 }],
    ['one from one that owes ten', NOW + 6_000, 1, { waitMs: 1_100, fullAt: NOW + 6_000 }],
    ['what is short by less than a millisecond', NOW + 4_900.5, 1, { waitMs: 0, fullAt: NOW + 5_000.5 }],
  ])('%s', (_what, fullAt, tokens, expected) => {
    expect(take(BUCKET, fullAt, NOW, tokens)).toEqual(expected);
  });

  test('steadily gives the burst, then ten a second and no more', () => {
    let fullAt = 0;
    let given = 0;
    for (let now = NOW; now <= NOW + 10_000; now += 5) {
      const taken = take(BUCKET, fullAt, now, 1);
      fullAt = taken.fullAt;
      if (taken.waitMs === 0) given += 1;
    }
    expect(given).toBe(50 + 100);
  });
});

test('what is charged is owed, whether it was there or not', () => {
  expect(charge(BUCKET, 0, NOW, 4)).toBe(NOW + 400);
  expect(charge(BUCKET, NOW + 5_000, NOW, 4)).toBe(NOW + 5_400);
});

test('an empty one is full in five seconds', () => {
  expect(fillsInMs(BUCKET)).toBe(5_000);
});
