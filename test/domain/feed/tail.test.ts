import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { News } from '../../../src/domain/feed/follower.ts';
import { type Node, openNode } from '../../support/node.ts';

/** Longer than anything is gathered for. */
const AGES_MS = 1_000;

let node: Node;
let stream: AsyncIterator<News>;
/** Somebody listens, and no time passes unless a test says so. */
beforeEach(async () => {
  node = await openNode();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  stream = node.feed.follow({ organizationId: node.organizationId, after: 0n });
});
afterEach(async () => {
  vi.useRealTimers();
  await node[Symbol.asyncDispose]();
});

/** The sequences of what is told next, and of all that was read together with it. */
async function hear(): Promise<{ one: bigint; together: bigint[] }> {
  const { event, together } = (await stream.next()).value;
  return { one: event.sequence, together: together.map(({ sequence }: News['event']) => sequence) };
}

test('what happens alone is told at once: nothing is waited for', async () => {
  for (const sequence of [1n, 2n, 3n]) {
    const next = hear();
    await node.happen();
    expect(await next).toEqual({ one: sequence, together: [sequence] });
    await vi.advanceTimersByTimeAsync(AGES_MS);
  }
});

test('what happens in quick succession is told together, whole and in order', async () => {
  // The first may have happened before it was known where the log ends; the second is found by reading on.
  for (const sequence of [1n, 2n]) {
    await vi.advanceTimersByTimeAsync(AGES_MS);
    const alone = hear();
    await node.happen();
    expect(await alone).toEqual({ one: sequence, together: [sequence] });
  }
  const burst = Array.from({ length: 30 }, (_, index) => BigInt(index + 3));
  const next = hear();
  for (const _ of burst) await node.happen();
  await vi.advanceTimersByTimeAsync(AGES_MS);
  expect(await next).toEqual({ one: 3n, together: burst });
  for (const sequence of burst.slice(1)) expect(await hear()).toEqual({ one: sequence, together: burst });
});
