import pg from 'pg';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as events from '../../../src/domain/events.ts';
import { openFeed, type Wish } from '../../../src/domain/feed/feed.ts';
import { type News, SlowConsumerError } from '../../../src/domain/feed/follower.ts';
import type { Bus } from '../../../src/platform/bus.ts';
import { openMemoryBus } from '../../../src/platform/bus-memory.ts';
import { type Node, openNode } from '../../support/node.ts';
import { PATIENCE_MS } from '../../support/patience.ts';

let node: Node;
let rings = 0;
/** Counts who listens; rings, unless it is to be silent. */
async function open({ silent = false } = {}): Promise<void> {
  const bus = openMemoryBus();
  rings = 0;
  const counting: Bus = {
    ...bus,
    ring: (topics) => (silent ? undefined : bus.ring(topics)),
    async listen(topic, onRing) {
      rings++;
      const stop = await bus.listen(topic, onRing);
      return async () => {
        rings--;
        await stop();
      };
    },
  };
  node = await openNode({ bus: counting });
}
afterEach(async () => {
  vi.useRealTimers();
  await node[Symbol.asyncDispose]();
});

const follow = (wish: Partial<Wish> = {}) =>
  node.feed.follow({ organizationId: node.organizationId, after: 0n, ...wish });
const take = async (stream: AsyncIterator<News>, count: number): Promise<string[]> => {
  const sequences: string[] = [];
  while (sequences.length < count) {
    const { done, value } = await stream.next();
    if (done) break;
    sequences.push(String(value.event.sequence));
  }
  return sequences;
};
const upTo = (last: number, first = 1): string[] =>
  Array.from({ length: last - first + 1 }, (_, index) => String(first + index));

test('what was missed comes first, then what happens, in order', async () => {
  await open();
  for (let count = 0; count < 3; count++) await node.happen();
  const stream = follow({ after: 1n });
  expect(await take(stream, 2)).toEqual(['2', '3']);
  const next = take(stream, 2);
  await node.happen();
  await node.happen();
  expect(await next).toEqual(['4', '5']);
});

test('without gap or double while 500 events are appended at once and listeners come and go', async () => {
  await open();
  const appending = Promise.all(Array.from({ length: 500 }, () => node.happen()));
  const listen = async () => {
    const heard: string[] = [];
    for (let after = 0n; heard.length < 500; ) {
      const stream = follow({ after });
      heard.push(...(await take(stream, Math.min(7 + (heard.length % 50), 500 - heard.length))));
      await stream.return?.();
      after = BigInt(heard.at(-1) ?? 0);
    }
    return heard;
  };
  const everyone = await Promise.all([listen(), listen(), listen(), take(follow(), 500)]);
  for (const heard of everyone) expect(heard).toEqual(upTo(500));
  await appending;
});

test('one hears what concerns one customer, and the types one asked for', async () => {
  await open();
  const [ada, alan] = [(await node.customer()).id, (await node.customer()).id];
  const [adas, grants] = [follow({ customerId: ada, after: 2n }), follow({ types: ['benefit_grant.*'], after: 2n })];
  const [first, second] = [take(adas, 2), take(grants, 2)];
  await node.happen('benefit_grant.created', { customerId: alan });
  await node.happen('benefit_grant.created', { customerId: ada });
  await node.happen('customer.updated', { customerId: ada });
  expect(await first).toEqual(['4', '5']);
  expect(await second).toEqual(['3', '4']);
});

test("another organization's events are not heard", async () => {
  await open();
  const other = await node.newOrganization('Other');
  const stream = follow();
  await node.happen('thing.happened', { organizationId: other.id });
  await node.happen();
  const { value } = await stream.next();
  expect(value?.event.organizationId).toBe(node.organizationId);
});

test('a silent bus makes news late, and nothing else', async () => {
  await open({ silent: true });
  const stream = follow();
  const next = take(stream, 2);
  await node.happen();
  await node.happen();
  expect(await next).toEqual(['1', '2']);
});

test('a database that was away makes news late, and nothing else', async () => {
  await open();
  const stream = follow();
  await node.happen();
  expect(await take(stream, 1)).toEqual(['1']);
  const next = take(stream, 1);
  const admin = new pg.Client({ connectionString: node.databaseUrl });
  await admin.connect();
  await admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'boon%' AND datname = current_database()",
  );
  await admin.end();
  await vi.waitFor(() => node.happen(), PATIENCE_MS);
  expect(await next).toEqual(['2']);
});

test('the log is read once, however many listen', async () => {
  await open();
  const lookUp = vi.spyOn(node.database, 'lookUp');
  const streams = Array.from({ length: 200 }, () => follow());
  const next = Promise.all(streams.map((stream) => take(stream, 1)));
  await node.happen();
  expect(await next).toEqual(streams.map(() => ['1']));
  const reads = lookUp.mock.calls.filter(([name]) => name === 'events').length;
  expect(reads).toBeGreaterThan(0);
  expect(reads).toBeLessThan(10);
});

describe('leaving', () => {
  test('frees everything at once, also while one waits, and the wait ends', async () => {
    await open();
    const streams = Array.from({ length: 50 }, () => follow());
    const waits = streams.map((stream) => stream.next());
    await expect.poll(() => rings).toBe(1);
    for (const stream of streams) await stream.return?.();
    expect(await Promise.all(waits)).toEqual(streams.map(() => ({ done: true, value: undefined })));
    await expect.poll(() => rings).toBe(0);
    const lookUp = vi.spyOn(node.database, 'lookUp');
    await node.happen();
    await new Promise((resolve) => setImmediate(resolve));
    expect(lookUp).not.toHaveBeenCalled();
  });

  test('can be done twice, before the first wait, and by a signal', async () => {
    await open();
    const [unheard, signalled] = [follow(), new AbortController()];
    await unheard.return?.();
    await unheard.return?.();
    expect(await unheard.next()).toEqual({ done: true, value: undefined });
    const wait = follow({ signal: signalled.signal }).next();
    signalled.abort();
    expect(await wait).toEqual({ done: true, value: undefined });
    expect(await follow({ signal: signalled.signal }).next()).toEqual({ done: true, value: undefined });
    await expect.poll(() => rings).toBe(0);
  });

  test('does not disturb who stays', async () => {
    await open();
    const [leaving, staying] = [follow(), follow()];
    const next = take(staying, 1);
    await leaving.return?.();
    await node.happen();
    expect(await next).toEqual(['1']);
  });
});

test('what no bell tells of is heard half a second later', async () => {
  await open();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await using feed = openFeed({ database: node.database, bus: openMemoryBus(), log: node.log });
  const { organizationId } = node;
  const stream = feed.follow({ organizationId, after: await events.newest(node.database, organizationId) });
  for (const _ of ['until it has caught up', 'and from then on']) {
    const next = stream.next();
    await node.happen();
    vi.advanceTimersByTime(500);
    expect((await next).done).toBe(false);
  }
});

describe('slow listeners', () => {
  /** A feed that looks as often as it is told to, so that time can be moved. */
  const openSlow = async () => {
    await open();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    return openFeed({ database: node.database, bus: openMemoryBus(), log: node.log, lookMs: 1_000 });
  };
  const look = async (feed: { follow: typeof node.feed.follow }, organizationId: string) => {
    const prompt = feed.follow({ organizationId, after: await events.newest(node.database, organizationId) });
    const next = prompt.next();
    await node.happen();
    vi.advanceTimersByTime(1_000);
    await next;
    await prompt.return?.();
  };

  test('who leaves news untouched for more than 5 seconds is cut off, and told so', async () => {
    await using feed = await openSlow();
    const onSlow = vi.fn();
    const stream = feed.follow({ organizationId: node.organizationId, after: 0n, onSlow });
    const first = stream.next();
    await look(feed, node.organizationId);
    expect((await first).value?.event.sequence).toBe(1n);
    await look(feed, node.organizationId);
    vi.advanceTimersByTime(4_000);
    expect(onSlow).not.toHaveBeenCalled();
    vi.advanceTimersByTime(3_000);
    expect(onSlow).toHaveBeenCalledOnce();
    await expect(stream.next()).rejects.toThrow(SlowConsumerError);
  });

  test('who takes one thing at a time, however slowly, is not', async () => {
    await using feed = await openSlow();
    const onSlow = vi.fn();
    for (let count = 0; count < 10; count++) await node.happen();
    const stream = feed.follow({ organizationId: node.organizationId, after: 0n, onSlow });
    for (const sequence of upTo(10)) {
      expect(await take(stream, 1)).toEqual([sequence]);
      vi.advanceTimersByTime(4_000);
    }
    expect(onSlow).not.toHaveBeenCalled();
  });

  test('who hears nothing because nothing happens is not', async () => {
    await using feed = await openSlow();
    const onSlow = vi.fn();
    const stream = feed.follow({ organizationId: node.organizationId, after: 0n, onSlow });
    const next = stream.next();
    vi.advanceTimersByTime(3_600_000);
    expect(onSlow).not.toHaveBeenCalled();
    await stream.return?.();
    await next;
  });

  test('more than a thousand events do not wait in memory: they are read again, without gap or double', async () => {
    await open();
    const stream = follow();
    await node.happen();
    expect(await take(stream, 1)).toEqual(['1']);
    const first = stream.next();
    await node.happen();
    await first;
    await node.transaction(async (tx) => {
      for (let count = 0; count < 2_500; count++) {
        tx.append({ organizationId: node.organizationId, type: 'thing.happened', subjectId: 'thing', data: {} });
      }
    });
    const [witness, end] = [follow({ after: 2n }), 2_502];
    expect(await take(witness, 2_500)).toEqual(upTo(end, 3));
    expect(await take(stream, 2_500)).toEqual(upTo(end, 3));
    const next = take(stream, 1);
    await node.happen();
    expect(await next).toEqual([String(end + 1)]);
  });
});
