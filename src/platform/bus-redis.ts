import { RedisPubSub } from 'graphql-redis-subscriptions';
import { Redis } from 'ioredis';
import type { Bus } from './bus.ts';
import { openListeners } from './bus-listeners.ts';
import type { Log } from './log.ts';

const CHANNEL_PREFIX = 'boon:';
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;

/**
 * Rings through Redis. What is rung while Redis is away is lost; when it is back, everyone who listens is rung once,
 * so that they look at the log.
 */
export function openRedisBus({ url, log }: { url: string; log: Log }): Bus {
  const retryStrategy = (times: number) => Math.min(FIRST_RETRY_MS * 2 ** (times - 1), LONGEST_RETRY_MS);
  const publisher = new Redis(url, { retryStrategy, enableOfflineQueue: false });
  const subscriber = quiet(new Redis(url, { retryStrategy, maxRetriesPerRequest: null }));
  const pubsub = new RedisPubSub({ publisher, subscriber, triggerTransform: (topic) => CHANNEL_PREFIX + String(topic) });
  const listeners = openListeners();
  let closed = false;
  let away = false;

  const onError = (error: Error) => {
    if (!away && !closed) log.warn('Redis is away. Live streams look at the log by themselves until it is back.', { error });
    away = true;
  };
  publisher.on('error', onError);
  subscriber.on('error', onError);
  subscriber.on('ready', async () => {
    if (away) log.info('Redis is back.');
    away = false;
    // The answer to this comes after those to the subscriptions that were just renewed.
    await subscriber.ping().catch(() => {});
    listeners.ringAll();
  });

  return {
    ring(topics) {
      for (const topic of topics) pubsub.publish(topic, 1).catch(() => {});
    },
    async listen(topic, onRing) {
      const leave = listeners.add(topic, onRing);
      const subscription = await pubsub.subscribe(topic, onRing).catch(() => null);
      return async () => {
        leave();
        if (subscription !== null && !closed) pubsub.unsubscribe(subscription);
      };
    },
    isUp: () => publisher.status === 'ready' && subscriber.status === 'ready',
    async [Symbol.asyncDispose]() {
      closed = true;
      await publisher.quit().catch(() => publisher.disconnect());
      subscriber.disconnect();
    },
  };
}

/** RedisPubSub does not wait for these, so that nobody would catch their failing when the connection is closed. */
function quiet(redis: Redis): Redis {
  const { unsubscribe, punsubscribe } = redis;
  redis.unsubscribe = ((...channels: string[]) => unsubscribe.apply(redis, channels).catch(() => null)) as typeof unsubscribe;
  redis.punsubscribe = ((...patterns: string[]) => punsubscribe.apply(redis, patterns).catch(() => null)) as typeof punsubscribe;
  return redis;
}
