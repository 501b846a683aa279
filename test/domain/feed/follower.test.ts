import { expect, test } from 'vitest';
import type { Event } from '../../../prisma/generated/client/client.ts';
import { type End, type Follower, openFollower } from '../../../src/domain/feed/follower.ts';
import type { Database } from '../../../src/platform/database.ts';
import { openLog } from '../../../src/platform/log.ts';

const event = (sequence: bigint) => ({ sequence, type: 'thing.happened', customerId: null }) as Event;

/** A log that grows as a test says, without a database under it. */
function openEnd(start: bigint) {
  let position = start;
  const joined = new Set<Follower>();
  let onLook = () => {};
  const grow = (): void => {
    position++;
    const news = [event(position)];
    for (const follower of joined) follower.hear(news, news);
  };
  const end: End = {
    get position() {
      onLook();
      return position;
    },
    ready: Promise.resolve(),
    join: (follower) => void joined.add(follower),
    part: (follower) => void joined.delete(follower),
  };
  const read = async (_name: string, _text: string, [, after, upTo]: unknown[]) => {
    const found = [];
    for (let sequence = (after as bigint) + 1n; sequence <= (upTo as bigint); sequence++) found.push(event(sequence));
    return found;
  };
  const database = { read } as unknown as Database;
  return {
    grow,
    joined,
    length: () => position,
    /** Grows so many turns of the microtask queue after the position was looked at for the n-th time. */
    growAtLook(n: number, turns: number): void {
      let looks = 0;
      const grown = (left: number): void => (left === 0 ? grow() : queueMicrotask(() => grown(left - 1)));
      onLook = () => {
        if (++looks === n) grown(turns);
      };
    },
    follow: (after: bigint) =>
      openFollower(database, end, openLog('silent'), { organizationId: 'org', after }, () => {}).iterator,
  };
}

const MOMENTS = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((look) => [0, 1, 2, 3].map((turns) => ({ look, turns })));
test.each(MOMENTS)('an event that comes while one catches up is heard once: $look, $turns', async ({ look, turns }) => {
  const end = openEnd(3n);
  const stream = end.follow(0n);
  end.growAtLook(look, turns);
  const heard: bigint[] = [];
  const listening = (async () => {
    for await (const { event } of stream) heard.push(event.sequence);
  })();
  while (end.joined.size === 0) await new Promise((resolve) => setImmediate(resolve));
  end.grow();
  await new Promise((resolve) => setImmediate(resolve));
  await stream.return?.();
  await listening;
  expect(heard).toEqual(Array.from({ length: Number(end.length()) }, (_, index) => BigInt(index + 1)));
});

test('who starts ahead of what this process has read hears nothing twice', async () => {
  const end = openEnd(3n);
  const stream = end.follow(5n);
  const next = stream.next();
  while (end.joined.size === 0) await new Promise((resolve) => setImmediate(resolve));
  for (let count = 0; count < 3; count++) end.grow();
  expect((await next).value?.event.sequence).toBe(6n);
  await stream.return?.();
});
