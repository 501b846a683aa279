import type { Tx } from '../../platform/unit-of-work.ts';

/** Usage that is sound, and whose it is as far as that is known. */
export interface Assigned {
  id: string;
  name: string;
  /** Null: of a customer who is still to come. */
  customerId: string | null;
  externalCustomerId: string | null;
  externalId: string | null;
  timestamp: Date;
  metadata: object;
}

/**
 * One statement for all. Places are given in the order of the batch; rows are written in the order of their external
 * ids, so that two batches with the same ones never wait for each other in a ring. Answers what is new: not what has an
 * external id that counted before.
 */
export async function insert<Event extends Assigned>(
  tx: Tx,
  organizationId: string,
  events: readonly Event[],
): Promise<readonly Event[]> {
  if (events.length === 0) return events;
  const [written] = await tx.run<{ ids: string[] | null }>('insert usage', INSERT, [
    organizationId,
    tx.now,
    events.map(({ id }) => id),
    events.map(({ customerId }) => customerId),
    events.map(({ externalCustomerId }) => externalCustomerId),
    events.map(({ name }) => name),
    events.map(({ timestamp }) => timestamp.toISOString()),
    events.map(({ externalId }) => externalId),
    events.map(({ metadata }) => JSON.stringify(metadata)),
  ]);
  if (!written?.ids) return events;
  const news = new Set(written.ids);
  return events.filter(({ id }) => news.has(id));
}

/** Whose ids are told only where some are missing: mostly all are new. */
const INSERT = `
  WITH written AS (
    INSERT INTO "UsageEvent" (id, sequence, "organizationId", "customerId", "externalCustomerId", name, timestamp,
      "externalId", metadata, "recordedAt")
    SELECT id, sequence, $1, "customerId", "externalCustomerId", name, timestamp, "externalId", metadata, $2
    FROM (
      SELECT r.*, nextval('"UsageEvent_sequence_seq"') AS sequence
      FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[], $9::jsonb[])
        AS r(id, "customerId", "externalCustomerId", name, timestamp, "externalId", metadata)
    ) AS given ORDER BY "externalId" COLLATE "C", sequence
    ON CONFLICT DO NOTHING RETURNING id
  )
  SELECT CASE WHEN count(*) < cardinality($3) THEN coalesce(array_agg(id), '{}') END AS ids FROM written`;
