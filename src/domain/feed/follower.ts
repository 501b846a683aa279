import { setTimeout as pause } from 'node:timers/promises';
import type { Event } from '../../../prisma/generated/client/client.ts';
import { DONE, streamOf } from '../../lib/stream.ts';
import type { Database } from '../../platform/database.ts';
import type { Log } from '../../platform/log.ts';
import * as events from '../events.ts';

/** An event, and what came with it. */
export interface News {
  event: Event;
  /** Those of the same reading that are meant for the same listener, in order. */
  together: readonly Event[];
  /** The same for everyone to whom the same reading of the log was handed: what one looks up for it serves all. */
  reading: object;
}

/** Took too long over what it asked to hear. It can come back and go on where it was. */
export class SlowConsumerError extends Error {}

/** One listener. It reads the log by itself until it has caught up; then it is handed what is new. */
export interface Follower {
  /** Whom it listens for; null: for everyone. */
  customerId: string | null;
  iterator: AsyncIterableIterator<News>;
  /** Whether all of it was taken at once. */
  hear(batch: readonly Event[], reading: object): boolean;
  /**
   * Whether it has taken all there is. Called now and then until it has: cuts it off when it has left news untouched for
   * longer than this, in milliseconds.
   */
  keepsUp(patienceMs: number): boolean;
}

/** Where the log ends, as far as this process knows. */
export interface End {
  position: bigint | null;
  ready: Promise<void>;
  join(follower: Follower): void;
  part(follower: Follower): void;
}

interface Wish extends events.Selection {
  after: bigint;
  isMeant?: (event: Event) => boolean;
  signal?: AbortSignal;
  onSlow?: () => void;
}

const BATCH = 200;
/** Of no more of the log than this: PostgreSQL may sort all of what it is asked for to find what comes first. */
const STRETCH = 5_000n;
/** More than this is not kept for a listener; it reads the log again when it comes to it. */
const LONGEST_QUEUE = 1_000;
/** Who fell behind and does not catch up within this time is cut off. */
const CATCH_UP_MS = 60_000;
const RETRY_MS = 500;

export function openFollower(database: Database, end: End, log: Log, wish: Wish, onLeave: () => void): Follower {
  const isSelected = events.matcher(wish);
  const isMeant = (event: Event): boolean => isSelected(event) && (wish.isMeant?.(event) ?? true);
  /** Everything up to here was handed over, waits in the queue, or is not meant for this listener. */
  let position = wish.after;
  let caughtUp = false;
  let queue: News[] = [];
  /** Tells the one who waits. */
  let pending: ((result: IteratorResult<News, undefined>) => void) | null = null;
  let reading = false;
  let untouchedSince: number | null = null;
  let behindSince: number | null = null;
  let left = false;
  let failure: Error | null = null;

  const take = (): IteratorResult<News, undefined> => {
    const value = queue.shift();
    untouchedSince = queue.length > 0 ? Date.now() : null;
    return value ? { done: false, value } : DONE;
  };
  const catchUp = async (): Promise<IteratorResult<News, undefined>> => {
    reading = true;
    await readOn();
    reading = false;
    if (queue.length > 0 || left) return take();
    // The log may have grown while its end was told.
    if (position < (end.position ?? 0n)) return catchUp();
    caughtUp = true;
    behindSince = null;
    end.join(follower);
    return wait();
  };
  const wait = () =>
    new Promise<IteratorResult<News, undefined>>((resolve) => {
      pending = resolve;
    });
  /** Queues what comes next, if anything does. */
  const readOn = async (): Promise<void> => {
    await end.ready;
    while (!left && queue.length === 0 && end.position !== null && position < end.position) {
      const upTo = end.position - position > STRETCH ? position + STRETCH : end.position;
      const found = await events
        .read(database.read, { ...wish, after: position, upTo, limit: BATCH })
        .catch((error: unknown) => {
          log.warn('A live stream could not read the log and tries again.', { error });
          return null;
        });
      if (!found) await pause(RETRY_MS);
      else position = (found.length === BATCH ? found.at(-1)?.sequence : upTo) ?? upTo;
      if (found && !left) add(found.filter(isMeant), found);
    }
  };
  const hasAll = (): boolean => caughtUp && queue.length === 0;
  const add = (together: readonly Event[], from: object): void => {
    for (const event of together) queue.push({ event, together, reading: from });
  };
  const fallBehind = (): void => {
    position = (queue[0]?.event.sequence ?? position) - 1n;
    queue = [];
    caughtUp = false;
    behindSince ??= Date.now();
    end.part(follower);
  };
  const leave = (): void => {
    if (left) return;
    left = true;
    queue = [];
    pending?.(DONE);
    pending = null;
    wish.signal?.removeEventListener('abort', leave);
    onLeave();
  };
  const cutOff = (): void => {
    failure = new SlowConsumerError('Too slow to follow. Come back with the last cursor to go on from there.');
    leave();
    wish.onSlow?.();
  };

  // No async function: one promise is enough for what is waited for all the time.
  const next = (): Promise<IteratorResult<News, undefined>> => {
    if (failure) return Promise.reject(failure);
    if (left) return Promise.resolve(DONE);
    if (queue.length > 0) return Promise.resolve(take());
    untouchedSince = null;
    if (!caughtUp) return catchUp();
    return wait();
  };

  const follower: Follower = {
    customerId: wish.customerId ?? null,
    hear(batch, from) {
      const news = batch.filter((event) => event.sequence > position && isMeant(event));
      if (news.length === 0) return true;
      position = news.at(-1)?.sequence ?? position;
      add(news, from);
      if (pending) {
        pending(take());
        pending = null;
      }
      if (queue.length > 0) untouchedSince ??= Date.now();
      if (queue.length > LONGEST_QUEUE) fallBehind();
      return hasAll();
    },
    keepsUp(patienceMs) {
      const now = Date.now();
      if (!caughtUp && !reading && end.position !== null && position < end.position) untouchedSince ??= now;
      if (now - (untouchedSince ?? now) > patienceMs || now - (behindSince ?? now) > CATCH_UP_MS) cutOff();
      return hasAll();
    },
    iterator: streamOf(next, leave),
  };

  if (wish.signal?.aborted) queueMicrotask(leave);
  else wish.signal?.addEventListener('abort', leave);
  return follower;
}
