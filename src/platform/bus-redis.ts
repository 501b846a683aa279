import { RedisPubSub } from 'graphql-redis-subscriptions';
import { Redis } from 'ioredis';
import type { Bus } from './bus.ts';
import { openListeners } from './bus-listeners.ts';
import type { Log } from './log.ts';

const CHANNEL_PREFIX = 'boon:';
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;
/** A Redis that does not answer for this long is as good as away. */
const COMMAND_MS = 2_000;

/**
 * Rings through Redis. What is rung while Redis is away is lost; when it is back, everyone who listens is rung once,
 * so that they look at the log.
 */
export function openRedisBus({ url, log }: { url: string; log: Log }): Bus {
  const retryStrategy = (times: number) => Math.min(FIRST_RETRY_MS * 2 ** (times - 1), LONGEST_RETRY_MS);
  const publisher = new Redis(url, { retryStrategy, enableOfflineQueue: false, commandTimeout: COMMAND_MS });
  const subscriber = quiet(new Redis(url, { retryStrategy, maxRetriesPerRequest: null }));
  const pubsub = new RedisPubSub({ publisher, subscriber });
  const listeners = openListeners();
  let closed = false;
  let away = false;

  const onAway = (error?: Error): void => {
    if (!away && !closed) {
      log.warn('Redis is away. Live streams look at the log by themselves until it is back.', { error });
    }
    away = true;
  };
  for (const connection of [publisher, subscriber]) connection.on('error', onAway).on('close', onAway);
  subscriber.on('ready', async () => {
    if (away) log.info('Redis is back.');
    away = false;
    // The answer to this comes after those to the subscriptions that were just renewed.
    await subscriber.ping().catch(() => {});
    listeners.ringAll();
  });

  return {
    ring(topics) {
      for (const topic of topics) pubsub.publish(CHANNEL_PREFIX + topic, 1).catch(() => {});
    },
    async listen(topic, onRing) {
      const leave = listeners.add(topic, onRing);
      const subscription = await pubsub.subscribe(CHANNEL_PREFIX + topic, onRing);
      return async () => {
        leave();
        if (!closed) pubsub.unsubscribe(subscription);
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

/**
 * RedisPubSub leaves promises alone that fail when the connection is closed for good, which would end the process.
 * These do not fail: whoever still waits then waits for nothing.
 */
function quiet(redis: Redis): Redis {
  const { subscribe, unsubscribe, punsubscribe } = redis;
  const settle = (result: Promise<unknown>, onDone?: Callback) => {
    result.then((value) => onDone?.(null, value)).catch(() => {});
  };
  return Object.assign(redis, {
    subscribe: (channel: string, onDone: Callback) => settle(subscribe.call(redis, channel), onDone),
    unsubscribe: (channel: string) => settle(unsubscribe.call(redis, channel)),
    punsubscribe: (pattern: string) => settle(punsubscribe.call(redis, pattern)),
  });
}

type Callback = (error: null, result: unknown) => void;
