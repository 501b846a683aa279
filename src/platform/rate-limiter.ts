import type { Redis } from 'ioredis';
import { goOn, type Soon } from '../lib/soon.ts';
import { SECOND_MS } from '../lib/time.ts';
import { type Bucket, charge, take } from '../lib/token-bucket.ts';
import type { Log } from './log.ts';
import { connectForCounting, settleInRedis } from './rate-limiter-redis.ts';

/** A bucket of tokens for each name. */
export interface Rate extends Bucket {
  name: string;
}

export interface RateLimiter {
  /** Takes a token; null when there was one, or else in how many seconds there is. */
  take(name: string): Soon<number | null>;
  /** Takes tokens whether they are there or not: what is owed is paid before any is given again. */
  charge(name: string, tokens: number): Promise<void>;
}

export interface RateLimiters extends AsyncDisposable {
  open(rate: Rate): RateLimiter;
}

export interface RateLimitersOptions {
  redisUrl?: string;
  log: Log;
  /** The clock of this process: in milliseconds, and only forward. */
  now?: () => number;
}

/** How long Redis is left alone after it did not answer. */
const RESTS_MS = 1_000;
/** So many names are kept before it is looked which of them say nothing any more. */
const FEW_NAMES = 1_000;

/** Counts in Redis, for all nodes together, or in this process while Redis is away and where there is none. */
export function openRateLimiters(options: RateLimitersOptions): RateLimiters {
  const { redisUrl, log, now = () => performance.now() } = options;
  const redis = redisUrl ? connectForCounting(redisUrl, log) : null;
  let restsUntil = 0;

  const together = async (redis: Redis, rate: Rate, name: string, owed: number): Promise<number | null> => {
    if (now() < restsUntil) return null;
    try {
      return await settleInRedis(redis, `${rate.name}:${name}`, rate, owed);
    } catch (error) {
      log.debug('A process counts by itself.', { error });
      // It hangs: nobody else is to wait for that. One that is away says so at once.
      if (redis.status === 'ready') restsUntil = now() + RESTS_MS;
      return null;
    }
  };

  return {
    open(rate) {
      const fullAt = openTimes(now);
      const refusedUntil = openTimes(now);
      const takeAlone = (name: string): number => {
        const taken = take(rate, fullAt.get(name), now(), 1);
        fullAt.set(name, taken.fullAt);
        return taken.waitMs;
      };
      const takeTogether = async (redis: Redis, name: string): Promise<number> => {
        // Whoever is over the limit costs no call to Redis.
        const refused = refusedUntil.get(name) - now();
        if (refused > 0) return refused;
        const waitMs = await together(redis, rate, name, 0);
        if (waitMs) refusedUntil.set(name, now() + waitMs);
        return waitMs ?? takeAlone(name);
      };
      return {
        take: (name) =>
          goOn(redis ? takeTogether(redis, name) : takeAlone(name), (waitMs) =>
            waitMs > 0 ? Math.ceil(waitMs / SECOND_MS) : null,
          ),
        async charge(name, tokens) {
          if (redis && (await together(redis, rate, name, tokens)) !== null) return;
          fullAt.set(name, charge(rate, fullAt.get(name), now(), tokens));
        },
      };
    },
    async [Symbol.asyncDispose]() {
      redis?.disconnect();
    },
  };
}

/** Times by name, 0 where none is known. One that has passed says nothing and is forgotten some time. */
function openTimes(now: () => number) {
  const times = new Map<string, number>();
  let many = FEW_NAMES;
  return {
    get: (name: string): number => times.get(name) ?? 0,
    set(name: string, time: number): void {
      times.set(name, time);
      if (times.size < many) return;
      for (const [one, until] of times) if (until <= now()) times.delete(one);
      many = Math.max(FEW_NAMES, 2 * times.size);
    },
  };
}
