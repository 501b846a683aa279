import { signatureHeaders } from '../../lib/signature.ts';
import { SECOND_MS } from '../../lib/time.ts';
import type { Log } from '../../platform/log.ts';
import type { Http } from '../../providers/http.ts';
import { openRounds, type Parcel, type RoundOptions } from './rounds.ts';

/** Tells endpoints what is pending for them: each in order, one call after the other, and all of them side by side. */
export interface Courier extends AsyncDisposable {
  /**
   * Goes to one endpoint until nothing is pending there, or it fails. Resolves as soon as that has begun, which waits for
   * a place in the quick lane: whoever is slow keeps nobody else waiting longer than a moment.
   */
  visit(endpointId: string): Promise<void>;
  /** Resolves when no round is under way. */
  idle(): Promise<void>;
}

export interface CourierOptions extends RoundOptions {
  http: Http;
  log: Log;
  lanes?: Lanes;
}

/** How many rounds may be under way at once in one process, so that who answers does not wait for who does not. */
export interface Lanes {
  /** Those that began a moment ago. */
  quick: number;
  /** Those that take longer, and all to endpoints that failed when they were called last. */
  slow: number;
  /** The latter. */
  failing: number;
}

/** For a whole call. */
const WEBHOOK_TIMEOUT_MS = 10 * SECOND_MS;
/** Longer than an endpoint usually takes; then its round goes on in another lane. */
const MOMENT_MS = 100;
const LANES: Lanes = { quick: 500, slow: 4_500, failing: 500 };
/** An endpoint that failed last, and finds the lane full, is called after this. */
const FULL_MS = 30 * SECOND_MS;
/** After a fault of ours an endpoint is left alone for this long. */
const FAULT_MS = 5 * SECOND_MS;
/** How long calls under way may take to end when the process does. */
const DRAIN_MS = 3 * SECOND_MS;

export function openCourier(options: CourierOptions): Courier {
  const { http, clock, log, lanes = LANES } = options;
  const rounds = openRounds(options);
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  const quick = new Set<Promise<void>>();
  let failing = 0;
  let stopping = false;

  const round = async (endpointId: string, stepAside: () => void): Promise<void> => {
    const parcel = await rounds.take(endpointId);
    if (!parcel?.failing) return goOn(parcel);
    if (failing >= lanes.failing) return rounds.leave(parcel, FULL_MS);
    stepAside();
    failing += 1;
    await goOn(parcel).finally(() => (failing -= 1));
  };
  const goOn = async (first: Parcel | null): Promise<void> => {
    let parcel = first;
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
      while (quick.size >= lanes.quick) await Promise.race(quick);
      if (stopping) return;
      const { promise: aside, resolve: stepAside } = Promise.withResolvers<void>();
      const going = round(endpointId, stepAside)
        .catch((error: unknown) =>
          log.error('Webhooks could not be delivered and will be tried again.', { endpointId, error }),
        )
        .finally(() => underWay.delete(going));
      underWay.add(going);
      const moment = setTimeout(() => underWay.size - quick.size < lanes.slow && stepAside(), MOMENT_MS).unref();
      const here = Promise.race([going, aside]).finally(() => {
        clearTimeout(moment);
        quick.delete(here);
      });
      quick.add(here);
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
