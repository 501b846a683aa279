import { newId } from '../../lib/id.ts';
import type { Keyring } from '../../lib/keyring.ts';
import { after, type Clock, SECOND_MS } from '../../lib/time.ts';
import type { Database } from '../../platform/database.ts';
import type { Transaction, Tx } from '../../platform/unit-of-work.ts';
import type { Posted } from '../../providers/http.ts';
import { isSuccess, judge, remark } from './decisions.ts';
import * as endpoints from './endpoints.ts';

/** What is to be sent now, and where. */
export interface Parcel {
  organizationId: string;
  endpointId: string;
  deliveryId: string;
  url: string;
  /** The newest first; each of them signs. */
  secrets: string[];
  message: { id: string; body: string };
  /** Until when others are kept out. Longer than a call may take. */
  lease: Date;
}

export interface RoundOptions {
  database: Database;
  transaction: Transaction;
  keyring: Keyring;
  clock: Clock;
}

/** A call to an endpoint, and what came of it. */
export type Call = Posted & { startedAt: Date };

/** Whoever is delivering and was not heard of for this long is taken for dead, and another one goes on. */
const LEASE_MS = 30 * SECOND_MS;
/** A lease with less left than this is renewed before the next call. */
const RENEW_MS = 15 * SECOND_MS;

/**
 * Begins a round: what an endpoint is to be told next. Null when there is nothing now, or somebody is at it. What keeps
 * the others out is the lease, so that no transaction need be open between these statements.
 */
export async function take(options: RoundOptions, endpointId: string): Promise<Parcel | null> {
  const now = options.clock();
  const lease = after(now, LEASE_MS);
  const taken = await options.database.read(
    'webhook-take',
    `UPDATE "WebhookEndpoint" SET "deliveringUntil" = $3, "dueAt" = $3
     WHERE id = $1 AND enabled AND coalesce("retryAt" <= $2, true) AND coalesce("deliveringUntil" <= $2, true)
     RETURNING id`,
    [endpointId, now, lease],
  );
  return taken.length > 0 ? next(options, endpointId, lease) : null;
}

/** Writes down what came of a call, and answers what is next. After a failure the round is over: order is kept. */
export async function record(options: RoundOptions, parcel: Parcel, call: Call): Promise<Parcel | null> {
  if (isSuccess(call.status)) await recordSuccess(options, parcel, call);
  else if (!(await options.transaction((tx) => recordFailure(tx, parcel, call)))) return null;
  return next(options, parcel.endpointId, await renew(options, parcel));
}

/** Ends a round before its time: another worker may go on at once, or after a while. */
export async function leave(
  { database, clock }: RoundOptions,
  { endpointId, lease }: Parcel,
  waitMs = 0,
): Promise<void> {
  await database.prisma.webhookEndpoint.updateMany({
    where: { id: endpointId, deliveringUntil: lease },
    data: { deliveringUntil: null, dueAt: after(clock(), waitMs) },
  });
}

/** What an endpoint is to be told next. When there is nothing the round ends, unless something came at that moment. */
async function next(options: RoundOptions, endpointId: string, lease: Date): Promise<Parcel | null> {
  const { database, clock, keyring } = options;
  for (;;) {
    const [head] = await database.read<Head>(
      'webhook-next',
      `SELECT e."organizationId", e.url, e.secret, e."oldSecret", e."oldSecretUntil", e.line,
         d.id AS "deliveryId", m.id AS "messageId", m.body
       FROM "WebhookEndpoint" e
       LEFT JOIN LATERAL (
         SELECT id, "messageId" FROM "WebhookDelivery" WHERE "endpointId" = e.id AND state = 'PENDING'
         ORDER BY position LIMIT 1
       ) d ON true
       LEFT JOIN "WebhookMessage" m ON m.id = d."messageId"
       WHERE e.id = $1 AND e."deliveringUntil" = $2 AND e.enabled`,
      [endpointId, lease],
    );
    // It is gone or disabled, or whoever was taken for dead leaves the rest to the one who came after.
    if (!head) return null;
    const { organizationId, url, deliveryId, messageId: id, body } = head;
    if (deliveryId && id && body !== null) {
      const secrets = secretsOf(head, clock()).map((sealed) => keyring.open(sealed));
      return { organizationId, endpointId, deliveryId, url, secrets, message: { id, body }, lease };
    }
    const ended = await database.read(
      'webhook-end',
      `UPDATE "WebhookEndpoint" SET "deliveringUntil" = NULL, "dueAt" = NULL
       WHERE id = $1 AND "deliveringUntil" = $2 AND line = $3 RETURNING id`,
      [endpointId, lease, head.line],
    );
    if (ended.length > 0) return null;
  }
}

interface Head {
  organizationId: string;
  url: string;
  secret: Uint8Array;
  oldSecret: Uint8Array | null;
  oldSecretUntil: Date | null;
  line: number;
  deliveryId: string | null;
  messageId: string | null;
  body: string | null;
}

const secretsOf = ({ secret, oldSecret, oldSecretUntil }: Head, now: Date): Uint8Array[] =>
  oldSecret && oldSecretUntil && oldSecretUntil > now ? [secret, oldSecret] : [secret];

async function renew({ database, clock }: RoundOptions, { endpointId, lease }: Parcel): Promise<Date> {
  const now = clock();
  if (lease > after(now, RENEW_MS)) return lease;
  const renewed = after(now, LEASE_MS);
  await database.prisma.webhookEndpoint.updateMany({
    where: { id: endpointId, deliveringUntil: lease },
    data: { deliveringUntil: renewed, dueAt: renewed },
  });
  return renewed;
}

/** In one statement. An endpoint that answers again is as good as new. */
async function recordSuccess({ database, clock }: RoundOptions, parcel: Parcel, call: Call): Promise<void> {
  const now = clock();
  const { startedAt, latencyMs, status, response } = call;
  await database.read(
    'webhook-delivered',
    `WITH told AS (
       UPDATE "WebhookDelivery" SET state = 'DELIVERED', "deliveredAt" = $3 WHERE id = $1 RETURNING id
     ), recovered AS (
       UPDATE "WebhookEndpoint" SET failures = 0, "failingSince" = NULL, "retryAt" = NULL
       WHERE id = $2 AND (failures > 0 OR "retryAt" IS NOT NULL)
     )
     INSERT INTO "WebhookAttempt" (id, "deliveryId", "startedAt", "latencyMs", status, response)
     SELECT $4, id, $5, $6, $7, $8 FROM told`,
    [parcel.deliveryId, parcel.endpointId, now, newId('webhookAttempt', now), startedAt, latencyMs, status, response],
  );
}

/** Answers whether the round goes on all the same. */
async function recordFailure(tx: Tx, parcel: Parcel, call: Call): Promise<boolean> {
  const { organizationId, endpointId: id, deliveryId } = parcel;
  const endpoint = await endpoints.find(tx, { organizationId, id });
  if (!endpoint) return false;
  const { startedAt, latencyMs, status, response } = call;
  const error = call.error ?? remark(status);
  const attempt = { id: newId('webhookAttempt', tx.now), deliveryId, startedAt, latencyMs, status, response, error };
  await tx.db.webhookAttempt.create({ data: attempt, select: { id: true } });
  if (endpoint.deliveringUntil?.getTime() !== parcel.lease.getTime()) return false;
  // It has moved meanwhile: what the old place said is no longer of interest.
  if (endpoint.url !== parcel.url) return true;
  const verdict = judge(endpoint, call, tx.now, Math.random());
  if (verdict.is === 'disable') await endpoints.disable(tx, endpoint, verdict.because);
  if (verdict.is !== 'retry') return false;
  const { at, failingSince } = verdict;
  await tx.db.webhookEndpoint.update({
    where: { id },
    data: { failures: { increment: 1 }, failingSince, retryAt: at, dueAt: at, deliveringUntil: null },
    select: { id: true },
  });
  return false;
}
