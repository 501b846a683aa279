import { Redis } from 'ioredis';
import { SECOND_MS } from '../lib/time.ts';
import { type Bucket, fillsInMs } from '../lib/token-bucket.ts';
import type { Log } from './log.ts';

/** Whoever waits for an answer waits no longer than this for a count. */
const PATIENCE_MS = 200;

/**
 * What `lib/token-bucket.ts` does, where all nodes see it, by the clock of Redis. Answers how many milliseconds to wait;
 * 0 when the tokens were taken.
 */
const SETTLE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local cost, fillsIn, owed = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local fullIn = math.max(0, tonumber(redis.call('GET', KEYS[1]) or '0') - now) + cost
if not owed and fullIn - fillsIn >= 1 then return math.ceil(fullIn - fillsIn) end
redis.call('SET', KEYS[1], string.format('%.3f', now + fullIn), 'PX', math.ceil(fullIn))
return 0`;

/** Takes a token, or as many as are owed whether they are there or not. Throws when Redis does not answer. */
export async function settleInRedis(redis: Redis, name: string, bucket: Bucket, owed: number): Promise<number> {
  const cost = ((owed || 1) * SECOND_MS) / bucket.perSecond;
  return (redis as unknown as Counting).settleTokens(`boon:${name}`, cost, fillsInMs(bucket), owed ? 1 : 0);
}

interface Counting {
  settleTokens(...args: (string | number)[]): Promise<number>;
}

/** A connection that is given up on at once rather than waited for. */
export function connectForCounting(url: string, log: Log): Redis {
  const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: PATIENCE_MS });
  redis.defineCommand('settleTokens', { numberOfKeys: 1, lua: SETTLE });
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
