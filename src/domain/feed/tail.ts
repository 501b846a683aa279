import type { Event } from '../../../prisma/generated/client/client.ts';
import { type Bus, organizationTopic } from '../../platform/bus.ts';
import type { Database } from '../../platform/database.ts';
import type { Log } from '../../platform/log.ts';
import * as events from '../events.ts';
import type { Follower } from './follower.ts';

/** The end of one organization's log. */
export interface Tail {
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

export interface TailOptions {
  database: Database;
  bus: Bus;
  log: Log;
}

const BATCH = 500;
/** Looking costs more than what is found: where a lot happens, more of it is gathered before the next look. */
const GATHER_MS_AN_EVENT = 4;
const LONGEST_GATHER_MS = 50;
const LAST_SEQUENCE = 2n ** 63n - 1n;

/** Reads the log on when it is rung or told to look, and hands what is new to whom it concerns. */
export function openTail({ database, bus, log }: TailOptions, organizationId: string, onEmpty: () => void): Tail {
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
      if (found > 0) await rest(Math.min(found * GATHER_MS_AN_EVENT, LONGEST_GATHER_MS));
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

/** By the global timer, so that time can be made to stand still. */
const rest = (milliseconds: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, milliseconds));
