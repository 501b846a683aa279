import { setTimeout as pause } from 'node:timers/promises';
import { signatureHeaders } from '../../lib/signature.ts';
import { SECOND_MS } from '../../lib/time.ts';
import type { Log } from '../../platform/log.ts';
import type { Http } from '../../providers/http.ts';
import { openRounds, type Parcel, type RoundOptions } from './rounds.ts';

/** Tells endpoints what is pending for them: each in order, one call after the other, and all of them side by side. */
export interface Courier extends AsyncDisposable {
  /**
   * Goes to one endpoint until nothing is pending there, or it fails. Resolves when that is done or takes longer than a
   * moment: whoever is slow keeps nobody else waiting, and is gone on with all the same.
   */
  visit(endpointId: string): Promise<void>;
  /** Resolves when no round is under way. */
  idle(): Promise<void>;
}

export interface CourierOptions extends RoundOptions {
  http: Http;
  log: Log;
}

/** For a whole call. */
const WEBHOOK_TIMEOUT_MS = 10 * SECOND_MS;
/** Longer than an endpoint usually takes; then its job is over, though the round goes on. */
const MOMENT_MS = 100;
/** Rounds under way at once in one process. */
const MOST_ROUNDS = 500;
/** After a fault of ours an endpoint is left alone for this long. */
const FAULT_MS = 5 * SECOND_MS;
/** How long calls under way may take to end when the process does. */
const DRAIN_MS = 3 * SECOND_MS;

export function openCourier(options: CourierOptions): Courier {
  const { http, clock, log } = options;
  const rounds = openRounds(options);
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  let stopping = false;

  const round = async (endpointId: string): Promise<void> => {
    let parcel = await rounds.take(endpointId);
    while (parcel) {
      const going: Parcel = parcel;
      if (stopping) return rounds.leave(going);
      const startedAt = clock();
      const posted = await http.post({
        url: going.url,
        headers: headersOf(going, startedAt),
        body: going.message.body,
        timeoutMs: WEBHOOK_TIMEOUT_MS,
        signal: closing.signal,
      });
      // Broken off by us: it may have arrived or not, and is sent again.
      if (closing.signal.aborted && posted.status === null) return rounds.leave(going);
      parcel = await rounds.record(going, { ...posted, startedAt }).catch(async (error: unknown) => {
        // What could not be written down is sent again, and not only when the lease is up.
        await rounds.leave(going, FAULT_MS).catch(() => {});
        throw error;
      });
    }
  };

  return {
    async visit(endpointId) {
      while (underWay.size >= MOST_ROUNDS) await Promise.race(underWay);
      if (stopping) return;
      const going = round(endpointId)
        .catch((error: unknown) =>
          log.error('Webhooks could not be delivered and will be tried again.', { endpointId, error }),
        )
        .finally(() => underWay.delete(going));
      underWay.add(going);
      await Promise.race([going, pause(MOMENT_MS, undefined, { ref: false })]);
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async [Symbol.asyncDispose]() {
      stopping = true;
      const late = setTimeout(() => closing.abort(), DRAIN_MS);
      await Promise.all(underWay);
      clearTimeout(late);
    },
  };
}

const headersOf = ({ secrets, message }: Parcel, sentAt: Date): Record<string, string> => ({
  'content-type': 'application/json',
  'user-agent': 'Boon',
  ...signatureHeaders(secrets, { id: message.id, sentAt, body: message.body }),
});
