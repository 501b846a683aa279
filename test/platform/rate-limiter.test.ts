import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openLog } from '../../src/platform/log.ts';
import { openRateLimiters, type RateLimiter, type RateLimiters } from '../../src/platform/rate-limiter.ts';
import { openRedis, type Redis } from '../support/redis.ts';

const log = openLog('silent');
/** So slow that nothing comes in while a test runs. */
const SLOW = { name: 'slow', perSecond: 0.001, burst: 3 };

let redis: Redis;
beforeAll(async () => {
  redis = await openRedis();
});
afterAll(() => redis[Symbol.asyncDispose]());

let names = 0;
/** Resolves once what is taken here is missing there. */
async function untilTogether(one: RateLimiters, other: RateLimiters): Promise<void> {
  const rate = { name: 'ready', perSecond: 0.001, burst: 1 };
  const [here, there] = [one.open(rate), other.open(rate)];
  const isShared = async () => {
    const name = `ready ${++names}`;
    return (await here.take(name)) === null && (await there.take(name)) !== null;
  };
  await vi.waitUntil(isShared, { timeout: 20_000 });
}

describe.each(['in this process', 'in Redis'])('counted %s', (where) => {
  let limiters: RateLimiters;
  let slow: RateLimiter;
  beforeAll(async () => {
    limiters = openRateLimiters({ log, ...(where === 'in Redis' && { redisUrl: redis.url }) });
    slow = limiters.open(SLOW);
    if (where === 'in Redis') await untilTogether(limiters, limiters);
  });
  afterAll(() => limiters[Symbol.asyncDispose]());

  test('there is a burst, and then it is said in how many seconds there is more', async () => {
    const taken = [];
    for (let call = 0; call < 5; call++) taken.push(await slow.take('a'));
    expect(taken.slice(0, 3)).toEqual([null, null, null]);
    for (const seconds of taken.slice(3)) {
      expect(seconds).toBeGreaterThan(900);
      expect(seconds).toBeLessThanOrEqual(1_000);
    }
    expect(await slow.take('b')).toBeNull();
  });

  test('what is charged beyond that is owed first', async () => {
    await slow.charge('c', 5);
    const seconds = await slow.take('c');
    expect(seconds).toBeGreaterThan(2_900);
    expect(seconds).toBeLessThanOrEqual(3_000);
  });

  test('what was taken comes in again by and by', async () => {
    const quick = limiters.open({ name: 'quick', perSecond: 1_000, burst: 1 });
    await quick.charge('d', 100);
    await expect.poll(() => quick.take('d')).toBeNull();
  });
});

test('nodes count together in Redis, and alone while it is away', async () => {
  const ours = await openRedis();
  await using one = openRateLimiters({ redisUrl: ours.url, log });
  await using other = openRateLimiters({ redisUrl: ours.url, log });
  await untilTogether(one, other);
  const [here, there] = [one.open(SLOW), other.open(SLOW)];
  expect([await here.take('a'), await there.take('a'), await here.take('a')]).toEqual([null, null, null]);
  expect([await there.take('a'), await here.take('a')]).toEqual([expect.any(Number), expect.any(Number)]);
  await ours[Symbol.asyncDispose]();
  for (const limiter of [here, there]) {
    const taken = [];
    for (let call = 0; call < 4; call++) taken.push(await limiter.take('b'));
    expect(taken).toEqual([null, null, null, expect.any(Number)]);
  }
});

test('nobody waits for a Redis that hangs', async () => {
  await using ours = await openRedis();
  await using limiters = openRateLimiters({ redisUrl: ours.url, log });
  await untilTogether(limiters, limiters);
  const limiter = limiters.open(SLOW);
  ours.hang();
  const taken = [];
  for (let call = 0; call < 5; call++) taken.push(await limiter.take('a'));
  expect(taken).toEqual([null, null, null, expect.any(Number), expect.any(Number)]);
});
