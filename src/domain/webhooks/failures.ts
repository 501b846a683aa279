import { newId } from '../../lib/id.ts';
import { insert, patch } from '../../platform/rows.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Posted } from '../../providers/http.ts';
import { judge, remark } from './decisions.ts';
import * as endpoints from './endpoints.ts';

/** A call to an endpoint, and what came of it. */
export type Call = Posted & { startedAt: Date };

/** One that was no success, of whoever had the endpoint until then. */
export interface Failure {
  parcel: { endpointId: string; deliveryId: string; url: string; lease: Date };
  call: Call;
}

/**
 * Writes down calls that failed, with a constant number of statements: thousands may fail in one moment, and each must be
 * written down before its lease is up, or it is made again. Answers of which endpoints the rounds go on all the same.
 */
export async function recordFailures(tx: Tx, failures: readonly Failure[]): Promise<boolean[]> {
  const standing = await endpoints.lockMany(
    tx,
    failures.map(({ parcel }) => parcel.endpointId),
  );
  await insert(
    tx.db,
    'WebhookAttempt',
    failures.filter(({ parcel }) => standing.has(parcel.endpointId)).map((failure) => attemptOf(tx, failure)),
  );
  const retries: Retry[] = [];
  const goOn: boolean[] = [];
  for (const { parcel, call } of failures) {
    const endpoint = standing.get(parcel.endpointId);
    const isMine = endpoint?.deliveringUntil?.getTime() === parcel.lease.getTime();
    // It has moved meanwhile: what the old place said is no longer of interest.
    goOn.push(isMine && endpoint.url !== parcel.url);
    if (!isMine || endpoint.url !== parcel.url) continue;
    const verdict = judge(endpoint, call, tx.now, Math.random());
    if (verdict.is === 'disable') await endpoints.disable(tx, endpoint, verdict.because);
    if (verdict.is === 'retry') retries.push(retryOf(endpoint, verdict));
  }
  await patch(tx.db, 'WebhookEndpoint', retries);
  return goOn;
}

function attemptOf({ now }: Tx, { parcel: { deliveryId }, call }: Failure) {
  const { startedAt, latencyMs, status, response } = call;
  const error = call.error ?? remark(status);
  return { id: newId('webhookAttempt', now), deliveryId, startedAt, latencyMs, status, response, error };
}

type Retry = ReturnType<typeof retryOf>;

const retryOf = ({ id, failures }: endpoints.Endpoint, { at, failingSince }: { at: Date; failingSince: Date }) => ({
  id,
  failures: failures + 1,
  failingSince,
  retryAt: at,
  dueAt: at,
  deliveringUntil: null,
});
