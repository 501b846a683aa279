import { Redis } from 'ioredis';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  type RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Log } from './log.ts';

/** So many points a second for each name, and a burst of more after a while without any. */
export interface Rate {
  name: string;
  perSecond: number;
  burst: number;
}

export interface RateLimiter {
  /** Takes points; null when there were enough, or else in how many seconds there are some again. */
  take(name: string, points?: number): Promise<number | null>;
}

export interface RateLimiters extends AsyncDisposable {
  open(rate: Rate): RateLimiter;
}

/** Whoever waits for an answer waits no longer than this for a count. */
const PATIENCE_MS = 200;
/** How long Redis is left alone after it did not answer. */
const RESTS_MS = 1_000;

/** Counts in Redis, for all nodes together, or in this process while Redis is away and where there is none. */
export function openRateLimiters({ redisUrl, log }: { redisUrl?: string; log: Log }): RateLimiters {
  const redis = redisUrl ? connect(redisUrl, log) : null;
  let restsUntil = 0;

  return {
    open({ name, perSecond, burst }) {
      const window = { keyPrefix: `boon:rate:${name}`, points: burst, duration: burst / perSecond };
      const alone = new RateLimiterMemory(window);
      const together =
        redis &&
        new RateLimiterRedis({
          ...window,
          storeClient: redis,
          rejectIfRedisNotReady: true,
          // Whoever is over the limit costs no call to Redis.
          inMemoryBlockOnConsumed: burst + 1,
        });
      return {
        async take(key, points = 1) {
          if (!together || performance.now() < restsUntil) return tryToTake(alone, key, points);
          try {
            return await tryToTake(together, key, points);
          } catch (error) {
            log.debug('A process counts by itself.', { error });
            // It hangs: nobody else is to wait for that. One that is away says so at once.
            if (redis?.status === 'ready') restsUntil = performance.now() + RESTS_MS;
            return tryToTake(alone, key, points);
          }
        },
      };
    },
    async [Symbol.asyncDispose]() {
      redis?.disconnect();
    },
  };
}

/** Null, or in how many seconds there is more; throws when it could not be counted. */
async function tryToTake(limiter: RateLimiterAbstract, key: string, points: number): Promise<number | null> {
  try {
    await limiter.consume(key, points);
    return null;
  } catch (refusal) {
    if (refusal instanceof Error) throw refusal;
    return Math.max(1, Math.ceil((refusal as RateLimiterRes).msBeforeNext / 1_000));
  }
}

function connect(url: string, log: Log): Redis {
  const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: PATIENCE_MS });
  let away = false;
  redis.on('error', (error) => {
    if (!away) log.warn('Redis is away. Each process limits its callers by itself until it is back.', { error });
    away = true;
  });
  redis.on('ready', () => {
    away = false;
  });
  return redis;
}
