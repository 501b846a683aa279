import { SECOND_MS } from './time.ts';

/** So many tokens come in every second, and so many are kept at most. */
export interface Bucket {
  perSecond: number;
  burst: number;
}

/** What came of taking tokens: how long to wait for them, 0 when they were there; and when the bucket is full again. */
export interface Taken {
  waitMs: number;
  fullAt: number;
}

/** Less is nobody's wait, and may be nothing but how numbers are rounded. */
const SHORTEST_WAIT_MS = 1;

/**
 * Takes tokens if there are enough, and none if there are not. All there is to know of a bucket is when it is full
 * again, in milliseconds on any clock that goes forward: one that nobody has taken from is full since 0. Pure.
 */
export function take(bucket: Bucket, fullAt: number, now: number, tokens: number): Taken {
  const charged = charge(bucket, fullAt, now, tokens);
  const waitMs = charged - now - fillsInMs(bucket);
  return waitMs < SHORTEST_WAIT_MS ? { waitMs: 0, fullAt: charged } : { waitMs, fullAt };
}

/** When it is full again after tokens were taken that may not be there: they are owed before any is given again. */
export const charge = ({ perSecond }: Bucket, fullAt: number, now: number, tokens: number): number =>
  Math.max(fullAt, now) + (tokens * SECOND_MS) / perSecond;

/** How long an empty one takes to be full. */
export const fillsInMs = ({ perSecond, burst }: Bucket): number => (burst * SECOND_MS) / perSecond;
