import { batching, inHalves } from '../../lib/batching.ts';
import { newId } from '../../lib/id.ts';
import type { Keyring } from '../../lib/keyring.ts';
import { after, type Clock, SECOND_MS } from '../../lib/time.ts';
import type { Database } from '../../platform/database.ts';
import { type Transaction, wasUndone } from '../../platform/unit-of-work.ts';
import { isSuccess } from './decisions.ts';
import { type Call, type Failure, recordFailures } from './failures.ts';
import { type Head, openLine } from './line.ts';

/** What is to be sent now, and where. */
export interface Parcel {
  endpointId: string;
  deliveryId: string;
  url: string;
  /** The newest first; each of them signs. */
  secrets: string[];
  message: { id: string; body: string };
  /** Until when others are kept out. Longer than a call may take. */
  lease: Date;
  /** Whether the last call to it failed. */
  failing: boolean;
}

export interface RoundOptions {
  database: Database;
  transaction: Transaction;
  keyring: Keyring;
  clock: Clock;
}

/** Whoever is delivering and was not heard of for this long is taken for dead, and another one goes on. */
const LEASE_MS = 30 * SECOND_MS;
/** A lease with less left than this is renewed before the next call: that long, and as long again to write it down. */
const RENEW_MS = 20 * SECOND_MS;

/** Nobody waits for what failed: what is heard meanwhile needs the database more. */
const FAILURES = { most: 200, lanes: 1 };

/** What keeps others out of a round is a lease, so that no transaction need be open between its statements. */
export interface Rounds {
  /** Begins a round: what an endpoint is to be told next. Null when there is nothing now, or somebody is at it. */
  take(endpointId: string): Promise<Parcel | null>;
  /** Writes down what came of a call, and answers what is next. After a failure the round is over: order is kept. */
  record(parcel: Parcel, call: Call): Promise<Parcel | null>;
  /** Ends a round before its time: another worker may go on at once, or after a while. */
  leave(parcel: Parcel, waitMs?: number): Promise<void>;
}

export function openRounds({ database, transaction, keyring, clock }: RoundOptions): Rounds {
  const line = openLine(database);
  const fail = batching<Failure, boolean>(
    FAILURES,
    inHalves((failures) => transaction((tx) => recordFailures(tx, failures)), wasUndone),
  );
  const take = (endpointId: string, held?: Date): Promise<Head | null> => {
    const now = clock();
    return line.take({ endpointId, now, until: after(now, LEASE_MS), held });
  };
  /** Takes an endpoint again when its lease is soon over, and when something came at the moment in which nothing was left. */
  const goOn = async (endpointId: string, found: Head | null): Promise<Parcel | null> => {
    let head = found;
    while (head && (!head.deliveryId || head.lease < after(clock(), RENEW_MS)))
      head = await take(endpointId, head.lease);
    if (!head?.deliveryId) return null;
    const { deliveryId, url, lease, failing = false, messageId: id, body } = head;
    const secrets = secretsOf(head, clock()).map((sealed) => keyring.open(sealed));
    return { endpointId, deliveryId, url, secrets, message: { id, body }, lease, failing };
  };

  return {
    take: async (endpointId) => goOn(endpointId, await take(endpointId)),
    async record(parcel, call) {
      const { endpointId, deliveryId, lease } = parcel;
      const now = clock();
      const { startedAt, latencyMs, status, response } = call;
      if (isSuccess(status)) {
        const attempt = { attemptId: newId('webhookAttempt', now), startedAt, now, latencyMs, status, response };
        return goOn(endpointId, await line.told({ endpointId, lease, deliveryId, ...attempt }));
      }
      const goesOn = await fail({ parcel, call });
      return goesOn ? goOn(endpointId, await take(endpointId, lease)) : null;
    },
    leave: ({ endpointId, lease }, waitMs = 0) => line.leave({ endpointId, lease, dueAt: after(clock(), waitMs) }),
  };
}

const secretsOf = ({ secret, oldSecret, oldSecretUntil }: Head, now: Date): Uint8Array[] =>
  oldSecret && oldSecretUntil && oldSecretUntil > now ? [secret, oldSecret] : [secret];
