import { batching } from '../../lib/batching.ts';
import type { Database } from '../../platform/database.ts';

/**
 * What stands first in line for an endpoint. Calls that come together are one statement, whichever endpoints they are
 * about: an event that many hear costs little more than one that a single endpoint hears.
 */
export interface Line {
  /** Has an endpoint to oneself until then, or for longer; leaves it at once when nothing is pending. */
  take(wish: Wish): Promise<Head | null>;
  /** Writes down that it was told what stood first, and leaves it when nothing else is pending. */
  told(success: Success): Promise<Head | null>;
  /** Leaves it to whoever comes at that time, with what is pending. */
  leave(leaving: Leaving): Promise<void>;
}

interface Wish {
  endpointId: string;
  now: Date;
  until: Date;
  /** The lease one has; without one, nobody may have it. */
  held?: Date;
}

interface Success {
  endpointId: string;
  lease: Date;
  deliveryId: string;
  attemptId: string;
  startedAt: Date;
  now: Date;
  latencyMs: number;
  status: number | null;
  response: string | null;
}

interface Leaving {
  endpointId: string;
  lease: Date;
  dueAt: Date;
}

/** An endpoint that one has to oneself, and what it is to be told next. */
export interface Head {
  lease: Date;
  /** The last call to it failed; told when it is taken. */
  failing?: boolean;
  url: string;
  /** Encrypted. */
  secret: Uint8Array;
  oldSecret: Uint8Array | null;
  oldSecretUntil: Date | null;
  /** Null when something was put in line while one looked: whoever takes it again sees what that is. */
  deliveryId: string | null;
  messageId: string;
  body: string;
}

/** While one batch waits for the disk, others are written. */
const BATCH = { most: 100, lanes: 3 };

export function openLine({ write }: Pick<Database, 'write'>): Line {
  const together = <Input extends object>(name: string, text: string) =>
    batching<Input, Head | null>(BATCH, async (inputs) => {
      const rows = JSON.stringify(inputs.map((input, n) => ({ n, ...input })));
      const heads = await write<Head & { n: number }>(name, text, [rows]);
      const found = new Map(heads.map((head) => [head.n, head]));
      return inputs.map((_, n) => found.get(n) ?? null);
    });
  const leave = batching<Leaving, void>(BATCH, async (all) => {
    await write('webhook-leave', LEAVE, [JSON.stringify(all)]);
    return all.map(() => undefined);
  });
  return { leave, take: together<Wish>('webhook-take', TAKE), told: together<Success>('webhook-told', TOLD) };
}

const firstInLine = (condition = 'true') => `
  LEFT JOIN LATERAL (
    SELECT id, "messageId" FROM "WebhookDelivery"
    WHERE "endpointId" = e.id AND state = 'PENDING' AND ${condition} ORDER BY position LIMIT 1
  ) d ON true
  LEFT JOIN "WebhookMessage" m ON m.id = d."messageId"`;

/**
 * A statement sees what there was when it began, and `line` as it was then; what has been put in line since has counted
 * it on by the time the endpoint is locked. Endpoints are locked in one order, and before their deliveries, so that
 * nobody waits for each other in a circle.
 */
const TAKE = `
  WITH wish AS (
    SELECT DISTINCT ON ("endpointId") *
    FROM jsonb_to_recordset($1) AS r(n int, "endpointId" text, now timestamptz, until timestamptz, held timestamptz)
    ORDER BY "endpointId", held
  ), free AS (
    SELECT e.id, wish.n, wish.until FROM wish JOIN "WebhookEndpoint" e ON e.id = wish."endpointId"
    WHERE e.enabled AND CASE WHEN wish.held IS NULL
      THEN coalesce(e."retryAt" <= wish.now, true) AND coalesce(e."deliveringUntil" <= wish.now, true)
      ELSE e."deliveringUntil" = wish.held END
    ORDER BY e.id FOR NO KEY UPDATE OF e
  ), seen AS (
    SELECT e.id, e.line, d.id AS "deliveryId", m.id AS "messageId", m.body
    FROM wish JOIN "WebhookEndpoint" e ON e.id = wish."endpointId" ${firstInLine()}
  ), taken AS (
    -- Where there is nothing to tell, the inner SELECT has no row: both become null, and the endpoint is free again.
    UPDATE "WebhookEndpoint" e SET ("deliveringUntil", "dueAt") = (
      SELECT until, until WHERE seen."deliveryId" IS NOT NULL OR e.line > seen.line)
    FROM free JOIN seen ON seen.id = free.id WHERE e.id = free.id
    RETURNING free.n, e.*, seen."deliveryId", seen."messageId", seen.body
  )
  SELECT n, "deliveringUntil" AS lease, failures > 0 AS failing, url, secret, "oldSecret", "oldSecretUntil", "deliveryId",
    "messageId", body
  FROM taken WHERE "deliveringUntil" IS NOT NULL`;

const TOLD = `
  WITH call AS (
    SELECT * FROM jsonb_to_recordset($1) AS r(n int, "endpointId" text, lease timestamptz, "deliveryId" text,
      "attemptId" text, "startedAt" timestamptz, now timestamptz, "latencyMs" int, status int, response text)
  ), seen AS (
    SELECT call.n, call.lease, e.id, e.url, e.secret, e."oldSecret", e."oldSecretUntil", e.line,
      e.failures > 0 OR e."retryAt" IS NOT NULL AS troubled, e.enabled AND e."deliveringUntil" = call.lease AS mine,
      d.id AS "deliveryId", m.id AS "messageId", m.body
    FROM call JOIN "WebhookEndpoint" e ON e.id = call."endpointId" ${firstInLine('id <> call."deliveryId"')}
  ), held AS (
    SELECT e.id, seen.n, seen.lease, seen.line, seen.mine AND seen."deliveryId" IS NULL AS over
    FROM seen JOIN "WebhookEndpoint" e ON e.id = seen.id
    WHERE seen.troubled OR (seen.mine AND seen."deliveryId" IS NULL)
    ORDER BY e.id FOR NO KEY UPDATE OF e
  ), told AS (
    -- Counting waits for the locks: endpoints come before their deliveries.
    UPDATE "WebhookDelivery" d SET state = 'DELIVERED', "deliveredAt" = call.now FROM call
    WHERE d.id = call."deliveryId" AND (SELECT count(*) FROM held) >= 0 RETURNING d.id
  ), logged AS (
    INSERT INTO "WebhookAttempt" (id, "deliveryId", "startedAt", "latencyMs", status, response)
    SELECT "attemptId", "deliveryId", "startedAt", "latencyMs", status, response
    FROM call JOIN told ON told.id = call."deliveryId"
  ), recovered AS (
    -- A round that is over frees its endpoint as above; any other keeps what it has.
    UPDATE "WebhookEndpoint" e SET failures = 0, "failingSince" = NULL, "retryAt" = NULL,
      ("deliveringUntil", "dueAt") = (SELECT e."deliveringUntil", e."dueAt"
        WHERE (held.over AND e.line = held.line AND e."deliveringUntil" = held.lease) IS NOT TRUE)
    FROM held WHERE e.id = held.id RETURNING held.n, e."deliveringUntil"
  )
  SELECT n, lease, url, secret, "oldSecret", "oldSecretUntil", "deliveryId", "messageId", body
  FROM seen WHERE mine AND n NOT IN (SELECT n FROM recovered WHERE "deliveringUntil" IS NULL)`;

const LEAVE = `
  WITH held AS (
    SELECT e.id, r."dueAt"
    FROM jsonb_to_recordset($1) AS r("endpointId" text, lease timestamptz, "dueAt" timestamptz)
    JOIN "WebhookEndpoint" e ON e.id = r."endpointId" AND e."deliveringUntil" = r.lease
    ORDER BY e.id FOR NO KEY UPDATE OF e
  )
  UPDATE "WebhookEndpoint" e SET "deliveringUntil" = NULL, "dueAt" = held."dueAt" FROM held WHERE e.id = held.id`;
