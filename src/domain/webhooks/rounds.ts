import type { Prisma, WebhookEndpoint } from '../../../prisma/generated/client/client.ts';
import { newId } from '../../lib/id.ts';
import { after, SECOND_MS } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Posted } from '../../providers/http.ts';
import { judge, remark } from './decisions.ts';
import * as endpoints from './endpoints.ts';

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
}

/** Whoever is delivering and was not heard of for this long is taken for dead, and another one goes on. */
const LEASE_MS = 30 * SECOND_MS;
/** A lease with less left than this is renewed before the next call. */
const RENEW_MS = 15 * SECOND_MS;

/** Begins a round: what an endpoint is to be told next. Null when there is nothing now, or somebody is at it. */
export async function take(tx: Tx, endpointId: string): Promise<Parcel | null> {
  const endpoint = await lock(tx, endpointId);
  if (!endpoint || (endpoint.deliveringUntil && endpoint.deliveringUntil > tx.now)) return null;
  return next(tx, { ...endpoint, deliveringUntil: null });
}

/**
 * Writes down what came of a call, and answers what is next, under one lock: what is put in line before the round ends
 * is part of it. After a failure the round is over; what waits keeps its order.
 */
export async function record(tx: Tx, parcel: Parcel, call: Posted & { startedAt: Date }): Promise<Parcel | null> {
  const endpoint = await lock(tx, parcel.endpointId);
  if (!endpoint) return null;
  await log(tx, parcel, call);
  const verdict = judge(endpoint, call, tx.now, Math.random());
  if (verdict.is === 'delivered') await markDelivered(tx, parcel);
  // Who was taken for dead leaves the rest to the one who came after.
  if (endpoint.deliveringUntil?.getTime() !== parcel.lease.getTime()) return null;
  if (verdict.is === 'delivered') return next(tx, { ...endpoint, ...(await recover(tx, endpoint)) });
  // It has moved meanwhile: what the old place said is no longer of interest.
  if (endpoint.url !== parcel.url) return next(tx, endpoint);
  if (verdict.is === 'disable') {
    await endpoints.disable(tx, endpoint, verdict.because);
    return null;
  }
  const { at, failingSince } = verdict;
  await write(tx, endpoint, {
    failures: endpoint.failures + 1,
    failingSince,
    retryAt: at,
    dueAt: at,
    deliveringUntil: null,
  });
  return null;
}

/** Ends a round before its time: another worker may go on at once. */
export async function leave(tx: Tx, { endpointId, lease }: Parcel): Promise<void> {
  await tx.db.webhookEndpoint.updateMany({
    where: { id: endpointId, deliveringUntil: lease },
    data: { deliveringUntil: null, dueAt: tx.now },
  });
}

async function lock(tx: Tx, id: string): Promise<WebhookEndpoint | null> {
  const [endpoint] = await tx.db.$queryRaw<WebhookEndpoint[]>`
    SELECT id, "organizationId", url, description, events, enabled, "disabledAt", "disabledBecause", since, secret,
      "oldSecret", "oldSecretUntil", "dueAt", "deliveringUntil", failures, "failingSince", "retryAt", "createdAt", "updatedAt"
    FROM "WebhookEndpoint" WHERE id = ${id} FOR NO KEY UPDATE`;
  tx.now = tx.clock();
  return endpoint ?? null;
}

/** What an endpoint is to be told next; the round is over when there is nothing, or it waits for a retry. */
async function next(tx: Tx, endpoint: WebhookEndpoint): Promise<Parcel | null> {
  const { enabled, retryAt } = endpoint;
  const waits = retryAt !== null && retryAt > tx.now;
  const head = enabled && !waits ? await firstInLine(tx, endpoint.id) : null;
  if (!head) {
    await write(tx, endpoint, { deliveringUntil: null, dueAt: enabled && waits ? retryAt : null });
    return null;
  }
  let lease = endpoint.deliveringUntil;
  if (!lease || lease < after(tx.now, RENEW_MS)) {
    lease = after(tx.now, LEASE_MS);
    await write(tx, endpoint, { deliveringUntil: lease, dueAt: lease });
  }
  const { id: endpointId, url } = endpoint;
  return { endpointId, deliveryId: head.id, url, secrets: secretsOf(tx, endpoint), message: head.message, lease };
}

const firstInLine = (tx: Tx, endpointId: string) =>
  tx.db.webhookDelivery.findFirst({
    where: { endpointId, state: 'PENDING' },
    orderBy: { position: 'asc' },
    select: { id: true, message: { select: { id: true, body: true } } },
  });

function secretsOf(tx: Tx, { secret, oldSecret, oldSecretUntil }: WebhookEndpoint): string[] {
  const old = oldSecret && oldSecretUntil && oldSecretUntil > tx.now ? [oldSecret] : [];
  return [secret, ...old].map((sealed) => tx.keyring.open(sealed));
}

async function log(tx: Tx, { deliveryId }: Parcel, call: Posted & { startedAt: Date }): Promise<void> {
  const { startedAt, latencyMs, status, response } = call;
  await tx.db.webhookAttempt.create({
    data: {
      id: newId('webhookAttempt', tx.now),
      deliveryId,
      startedAt,
      latencyMs,
      status,
      response,
      error: call.error ?? remark(status),
    },
    select: { id: true },
  });
}

const markDelivered = (tx: Tx, { deliveryId }: Parcel) =>
  tx.db.webhookDelivery.updateMany({ where: { id: deliveryId }, data: { state: 'DELIVERED', deliveredAt: tx.now } });

/** An endpoint that answers again is as good as new. */
async function recover(tx: Tx, endpoint: WebhookEndpoint): Promise<typeof endpoints.NO_TROUBLES> {
  if (endpoint.failures > 0 || endpoint.retryAt) await write(tx, endpoint, endpoints.NO_TROUBLES);
  return endpoints.NO_TROUBLES;
}

const write = (tx: Tx, { id }: WebhookEndpoint, data: Prisma.WebhookEndpointUpdateInput) =>
  tx.db.webhookEndpoint.update({ where: { id }, data, select: { id: true } });
