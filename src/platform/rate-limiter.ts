import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';
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

/** Counts in Redis, for all nodes together, or in this process while Redis is away and where there is none. */
export function openRateLimiters({ redisUrl, log }: { redisUrl?: string; log: Log }): RateLimiters {
  const redis = redisUrl ? connect(redisUrl, log) : null;

  return {
    open({ name, perSecond, burst }) {
      const window = { keyPrefix: `boon:rate:${name}`, points: burst, duration: burst / perSecond };
      const alone = new RateLimiterMemory(window);
      const limiter = redis
        ? new RateLimiterRedis({
            ...window,
            storeClient: redis,
            insuranceLimiter: alone,
            rejectIfRedisNotReady: true,
            // Whoever is over the limit costs no call to Redis.
            inMemoryBlockOnConsumed: burst + 1,
          })
        : alone;
      return {
        async take(key, points = 1) {
          try {
            await limiter.consume(key, points);
            return null;
          } catch (refusal) {
            if (refusal instanceof Error) throw refusal;
            return Math.max(1, Math.ceil((refusal as RateLimiterRes).msBeforeNext / 1_000));
          }
        },
      };
    },
    async [Symbol.asyncDispose]() {
      redis?.disconnect();
    },
  };
}

function connect(url: string, log: Log): Redis {
  const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
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
