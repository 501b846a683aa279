import type { Event } from '../../../prisma/generated/client/client.ts';
import * as events from '../events.ts';
import { type News, openFollower } from './follower.ts';
import { openTail, type Tail, type TailOptions } from './tail.ts';

/** How this process follows the logs of the organizations that somebody here listens to. */
export interface Feed {
  /**
   * Everything selected that comes after the sequence `after`, in order, without gap or double, for as long as one
   * wants to hear. Takes one `next` at a time; `return` frees it at once.
   */
  follow(wish: Wish): AsyncIterableIterator<News>;
}

export interface Wish extends events.Selection {
  after: bigint;
  /** Leaves out what a selection of the log cannot. */
  isMeant?: (event: Event) => boolean;
  /** Ends it, as `return` does. */
  signal?: AbortSignal;
  /** Told when this listener is cut off for being too slow; its iterator then fails with a SlowConsumerError. */
  onSlow?: () => void;
}

export interface FeedOptions extends TailOptions {
  /** How often the log is looked at though nobody rang, in milliseconds. */
  lookMs?: number;
  /** How long a listener may leave news untouched before it is cut off, in milliseconds. */
  patienceMs?: number;
}

/** A bell that stays silent makes news late by this much. */
const LOOK_MS = 500;
const PATIENCE_MS = 5_000;

/** Reads each organization's log once, however many listen, and hands what it reads to those it concerns. */
export function openFeed({
  database,
  bus,
  log,
  lookMs = LOOK_MS,
  patienceMs = PATIENCE_MS,
}: FeedOptions): Feed & AsyncDisposable {
  const tails = new Map<string, Tail>();

  const tailOf = (organizationId: string): Tail => {
    const known = tails.get(organizationId);
    if (known) return known;
    const tail = openTail({ database, bus, log }, organizationId, () => tails.delete(organizationId));
    tails.set(organizationId, tail);
    return tail;
  };
  const lookAtAll = async (): Promise<void> => {
    for (const { behind } of tails.values())
      for (const follower of behind) if (follower.keepsUp(patienceMs)) behind.delete(follower);
    if (tails.size === 0) return;
    const newest = await events.newestOf(database, [...tails.keys()]);
    for (const [organizationId, tail] of tails)
      if ((newest.get(organizationId) ?? 0n) > (tail.position ?? -1n)) tail.look();
  };
  const timer = setInterval(() => {
    lookAtAll().catch((error: unknown) =>
      log.warn('The live stream could not look at the log and tries again.', { error }),
    );
  }, lookMs);

  return {
    follow(wish) {
      const tail = tailOf(wish.organizationId);
      const follower = openFollower(database, tail, log, wish, () => tail.leave(follower));
      tail.followers.add(follower);
      tail.behind.add(follower);
      return follower.iterator;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      for (const tail of [...tails.values()])
        for (const follower of [...tail.followers]) await follower.iterator.return?.();
    },
  };
}
