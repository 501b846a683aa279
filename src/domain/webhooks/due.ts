import { after, SECOND_MS } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';

/** Delivers what is pending for one endpoint. */
export const DELIVER_WEBHOOKS = 'deliver-webhooks';

/** A job that has not come by then is taken for lost, and the clock sends another. */
const PATIENCE_MS = 5 * SECOND_MS;
const DUE_PAGE = 500;

/**
 * Something was put in line for these endpoints: has it told, now. The row is the truth and the job only makes it
 * sooner. Who waits for a retry is told when that comes, and who is being told hears it in the same round.
 */
export async function request(tx: Tx, endpointIds: readonly string[]): Promise<void> {
  const rows = await tx.run<{ id: string; isFree: boolean }>('request webhooks', REQUEST, [
    endpointIds,
    tx.now,
    after(tx.now, PATIENCE_MS),
  ]);
  ring(
    tx,
    rows.filter(({ isFree }) => isFree),
  );
}

const REQUEST = `
  UPDATE "WebhookEndpoint" e SET line = line + 1, "dueAt" = CASE WHEN free.is THEN $3 ELSE "dueAt" END
  FROM (
    SELECT id, coalesce("retryAt" <= $2, true) AND coalesce("deliveringUntil" <= $2, true) AS is
    FROM "WebhookEndpoint" WHERE id = ANY($1) AND enabled ORDER BY id FOR NO KEY UPDATE
  ) AS free
  WHERE e.id = free.id RETURNING e.id, free.is AS "isFree"`;

/** Sends a job for every endpoint whose instant has come: a retry, or a job or a worker that was lost. */
export async function requestDue(tx: Tx): Promise<number> {
  const due = await tx.db.$queryRaw<Due[]>`
    UPDATE "WebhookEndpoint" SET "dueAt" = ${after(tx.now, PATIENCE_MS)}
    WHERE id IN (
      SELECT id FROM "WebhookEndpoint" WHERE "dueAt" <= ${tx.now} ORDER BY "dueAt" LIMIT ${DUE_PAGE}
      FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id, failures > 0 AS "isFailing"`;
  ring(tx, due);
  return due.length;
}

interface Due {
  id: string;
  /** The last call to it failed: it comes after those of whom nothing bad is known. */
  isFailing?: boolean;
}

function ring(tx: Tx, due: readonly Due[]): void {
  for (const { id, isFailing } of due)
    tx.enqueue({ name: DELIVER_WEBHOOKS, data: { endpointId: id }, key: id, ...(isFailing && { priority: -1 }) });
}
