import { setTimeout as pause } from 'node:timers/promises';
import type { Event } from '../../prisma/generated/client/client.ts';
import { type Bus, organizationTopic } from '../platform/bus.ts';
import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import * as events from './events.ts';
import { type Follower, type News, openFollower } from './follower.ts';

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
  /** Ends it, as `return` does. */
  signal?: AbortSignal;
  /** Told when this listener is cut off for being too slow; its iterator then fails with a SlowConsumerError. */
  onSlow?: () => void;
}

export interface FeedOptions {
  database: Database;
  bus: Bus;
  log: Log;
  /** How often the log is looked at though nobody rang, in milliseconds. */
  lookMs?: number;
  /** How long a listener may leave news untouched before it is cut off, in milliseconds. */
  patienceMs?: number;
}

/** A bell that stays silent makes news late by this much. */
const LOOK_MS = 500;
const PATIENCE_MS = 5_000;
const BATCH = 500;
/** Looking costs more than what is found: where a lot happens, more of it is gathered before the next look. */
const GATHER_MS_AN_EVENT = 4;
const LONGEST_GATHER_MS = 50;

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

/** The end of one organization's log. */
interface Tail {
  /** Everything up to here has been handed out; null while that is not known yet. */
  position: bigint | null;
  /** Resolves when the position is known. */
  ready: Promise<void>;
  followers: Set<Follower>;
  /** Those who may have something to hear yet. All others need not be looked after. */
  behind: Set<Follower>;
  /** Hands everything new to those who have caught up and to those who join. */
  join(follower: Follower): void;
  /** Takes a follower off the list of those who have caught up. */
  part(follower: Follower): void;
  leave(follower: Follower): void;
  look(): void;
}

function openTail({ database, bus, log }: FeedOptions, organizationId: string, onEmpty: () => void): Tail {
  const { promise: ready, resolve: known } = Promise.withResolvers<void>();
  /** Those who have caught up, by the customer they listen for; null: for everyone. */
  const joined = new Map<string | null, Set<Follower>>();
  let closed = false;
  let looking = false;
  let lookAgain = false;

  /** How many were found. */
  const readOn = async (): Promise<number> => {
    let found = 0;
    if (tail.position === null) {
      tail.position = await events.newest(database, organizationId);
      known();
    }
    for (let count = BATCH; count === BATCH && !closed; ) {
      const batch = await events.read(database.lookUp, {
        organizationId,
        after: tail.position,
        upTo: LAST_SEQUENCE,
        limit: BATCH,
      });
      count = batch.length;
      tail.position = batch.at(-1)?.sequence ?? tail.position;
      handOut(batch);
      found += count;
    }
    return found;
  };
  const handOut = (batch: readonly Event[]): void => {
    if (batch.length === 0) return;
    const tell = (customerId: string | null, theirs: readonly Event[]) => {
      for (const follower of [...(joined.get(customerId) ?? [])])
        if (!follower.hear(theirs, batch)) tail.behind.add(follower);
    };
    tell(null, batch);
    for (const [customerId, theirs] of Map.groupBy(batch, (event) => event.customerId))
      if (customerId !== null) tell(customerId, theirs);
  };
  const lookOn = async (): Promise<void> => {
    looking = true;
    do {
      lookAgain = false;
      const found = await readOn().catch((error: unknown) => {
        log.warn('The live stream could not read the log and tries again.', { error });
        return 0;
      });
      if (found > 0) await pause(Math.min(found * GATHER_MS_AN_EVENT, LONGEST_GATHER_MS));
    } while (lookAgain && !closed);
    looking = false;
  };

  const tail: Tail = {
    position: null,
    ready,
    followers: new Set(),
    behind: new Set(),
    join(follower) {
      const others = joined.get(follower.customerId);
      if (others) others.add(follower);
      else joined.set(follower.customerId, new Set([follower]));
    },
    part(follower) {
      const left = joined.get(follower.customerId);
      left?.delete(follower);
      if (left?.size === 0) joined.delete(follower.customerId);
    },
    leave(follower) {
      tail.part(follower);
      tail.followers.delete(follower);
      tail.behind.delete(follower);
      if (tail.followers.size > 0 || closed) return;
      closed = true;
      known();
      onEmpty();
      listening.then((stop) => stop()).catch(() => {});
    },
    look() {
      if (looking) lookAgain = true;
      else if (!closed) void lookOn();
    },
  };

  // While the bus is away this does not resolve; the log is followed all the same.
  const listening = bus.listen(organizationTopic(organizationId), tail.look);
  listening.then(tail.look, () => {});
  tail.look();
  return tail;
}

const LAST_SEQUENCE = 2n ** 63n - 1n;
