import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import type { Bus } from '../../src/platform/bus.ts';
import { openMemoryBus } from '../../src/platform/bus-memory.ts';
import { openPostgresBus } from '../../src/platform/bus-postgres.ts';
import { openRedisBus } from '../../src/platform/bus-redis.ts';
import { openLog } from '../../src/platform/log.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { openRedis } from '../support/redis.ts';

const log = openLog('silent');
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ empty: true });
});
afterAll(() => database[Symbol.asyncDispose]());

exercise('memory', async () => {
  const bus = openMemoryBus();
  return [bus, bus];
});
exercise('Redis', async () => [redisBus(inject('redisUrl')), redisBus(inject('redisUrl'))]);
exercise('PostgreSQL', async () => [await postgresBus(), await postgresBus()]);

/** What every bus does, seen from two nodes that share it. */
function exercise(name: string, open: () => Promise<[here: Bus, there: Bus]>): void {
  describe(name, () => {
    let here: Bus;
    let there: Bus;
    let count = 0;
    beforeAll(async () => {
      [here, there] = await open();
      await vi.waitUntil(() => here.isUp() && there.isUp(), PATIENCE_MS);
    });
    afterAll(async () => {
      await here[Symbol.asyncDispose]();
      await there[Symbol.asyncDispose]();
    });
    const newTopic = () => `organization:${name}:${++count}`;
    /** Rings on another topic and waits until that is heard: what was rung before would have been heard by then. */
    const settled = async () => {
      const topic = newTopic();
      const heard = vi.fn();
      const stop = await there.listen(topic, heard);
      here.ring([topic]);
      await expect.poll(() => heard).toHaveBeenCalled();
      await stop();
    };

    test('a ring is heard on every node', async () => {
      const topic = newTopic();
      const [onHere, onThere] = [vi.fn(), vi.fn()];
      const stops = [await here.listen(topic, onHere), await there.listen(topic, onThere)];
      here.ring([topic]);
      await expect.poll(() => onHere).toHaveBeenCalled();
      await expect.poll(() => onThere).toHaveBeenCalled();
      for (const stop of stops) await stop();
    });

    test('each listener of a topic hears it, also after another one has left', async () => {
      const topic = newTopic();
      const [leaving, staying] = [vi.fn(), vi.fn()];
      const leave = await there.listen(topic, leaving);
      const stop = await there.listen(topic, staying);
      await leave();
      here.ring([topic]);
      await expect.poll(() => staying).toHaveBeenCalled();
      expect(leaving).not.toHaveBeenCalled();
      await stop();
    });

    test('nobody hears what is rung on another topic', async () => {
      const heard = vi.fn();
      const stop = await there.listen(newTopic(), heard);
      here.ring([newTopic(), newTopic()]);
      await settled();
      expect(heard).not.toHaveBeenCalled();
      await stop();
    });

    test('who has left and comes back hears again', async () => {
      const topic = newTopic();
      const heard = vi.fn();
      await (await there.listen(topic, () => {}))();
      const stop = await there.listen(topic, heard);
      here.ring([topic]);
      await expect.poll(() => heard).toHaveBeenCalled();
      await stop();
    });

    test('many topics can be rung at once, and none', async () => {
      const topics = Array.from({ length: 300 }, newTopic);
      const heard = new Set<string>();
      const stops = await Promise.all(topics.map((topic) => there.listen(topic, () => heard.add(topic))));
      here.ring([]);
      here.ring(topics);
      await expect.poll(() => heard.size).toBe(topics.length);
      for (const stop of stops) await stop();
    });
  });
}

test('when Redis was away and is back, everyone who listens is rung, and rings are heard again', async () => {
  const redis = await openRedis();
  const warnings: string[] = [];
  await using bus = openRedisBus({ url: redis.url, log: openLog('warn', (line) => warnings.push(line)) });
  await expect.poll(() => bus.isUp()).toBe(true);
  const heard = vi.fn();
  await bus.listen('organization:a', heard);
  await redis[Symbol.asyncDispose]();
  await expect.poll(() => bus.isUp()).toBe(false);
  bus.ring(['organization:a']);
  heard.mockClear();

  await using _again = await openRedis(redis.port);
  await expect.poll(() => heard).toHaveBeenCalled();
  await expect.poll(() => bus.isUp()).toBe(true);
  heard.mockClear();
  bus.ring(['organization:a']);
  await expect.poll(() => heard).toHaveBeenCalled();
  expect(warnings).toHaveLength(1);
});

test('a bus that never finds its Redis keeps nobody from working', async () => {
  const redis = await openRedis();
  await redis[Symbol.asyncDispose]();
  await using bus = openRedisBus({ url: redis.url, log });
  const listening = bus.listen('organization:a', () => {});
  bus.ring(['organization:a']);
  expect(bus.isUp()).toBe(false);
  listening.catch(() => {});
});

test('when the connection to PostgreSQL was lost, everyone who listens is rung, and rings are heard again', async () => {
  await using bus = await postgresBus();
  const heard = vi.fn();
  await bus.listen('organization:a', heard);
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'boon bus' AND datname = current_database()`,
  );
  await admin.end();
  await expect.poll(() => heard).toHaveBeenCalled();
  await expect.poll(() => bus.isUp()).toBe(true);
  heard.mockClear();
  bus.ring(['organization:a']);
  await expect.poll(() => heard).toHaveBeenCalled();
});

function redisBus(url: string): Bus {
  return openRedisBus({ url, log });
}

function postgresBus(): Promise<Bus> {
  return openPostgresBus({ url: database.url, log });
}
