import { checkInteger } from '../../lib/checks.ts';
import { type BrokenRule, InvalidInputError, isBrokenRule, NotFoundError } from '../../lib/errors.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { holdMeters } from '../meters/holding.ts';
import { MOST_UNITS, unfit } from '../meters/matching.ts';
import { charge, type Measuring, measureOf, metersInUse } from './charging.ts';
import { checkReport, type Report, type Sound } from './checking.ts';
import { findPeople, type WhoIs } from './people.ts';

export const MOST_EVENTS = 1_000;

export interface Recorded {
  ingested: number;
  /** Events whose external id was known already. */
  duplicates: number;
  /** What was left out, and why. */
  refused: { index: number; error: BrokenRule }[];
}

/** All of a batch or nothing: the first mistake refuses it, and its path names the event. */
export async function ingest(
  tx: Tx,
  { organizationId, events }: { organizationId: string; events: readonly Report[] },
): Promise<{ ingested: number; duplicates: number }> {
  checkInteger(events.length, ['events'], 1, MOST_EVENTS);
  const { refused, ingested, duplicates } = await record(tx, { organizationId, events, strict: true });
  const [first] = refused;
  if (first) throw first.error;
  return { ingested, duplicates };
}

/** Records usage and changes balances, both once per external id. What has a mistake is left out. */
export async function record(
  tx: Tx,
  { organizationId, events, strict }: { organizationId: string; events: readonly Report[]; strict?: boolean },
): Promise<Recorded> {
  const refused: Recorded['refused'] = [];
  const sift = <From, To>(
    rows: readonly From[],
    indexOf: (row: From, at: number) => number,
    check: (row: From) => To,
  ) =>
    rows.flatMap((row, at) => {
      const index = indexOf(row, at);
      try {
        return [{ index, row: check(row) }];
      } catch (error) {
        if (!isBrokenRule(error)) throw error;
        const placed = relocate(error, ['events', String(index)]);
        if (strict) throw placed;
        refused.push({ index, error: placed });
        return [];
      }
    });

  const sound = sift(
    events,
    (_event, at) => at,
    (event) => checkReport(event, tx.now),
  );
  await holdMeters(tx, organizationId);
  const whoIs = await findPeople(
    tx,
    organizationId,
    sound.map(({ row }) => row.by),
  );
  const meters = await metersInUse(tx, organizationId);
  const fitting = sift(
    sound,
    ({ index }) => index,
    ({ row }) => assign(checkUnits(meters, row), whoIs),
  ).map(({ row }) => row);
  const news = fitting.length > 0 ? await insert(tx, organizationId, fitting) : new Set<string>();
  await charge(tx, { organizationId, meters, events: fitting.filter(({ id }) => news.has(id)) });
  refused.sort((a, b) => a.index - b.index);
  return { ingested: news.size, duplicates: fitting.length - news.size, refused };
}

type Assigned = ReturnType<typeof assign>;

function assign({ by, ...event }: Sound, whoIs: WhoIs) {
  const customerId = whoIs(by) ?? null;
  if (customerId === null && !by.externalId)
    throw new NotFoundError('customer', ['customer', by.id != null ? 'id' : 'email']);
  return { ...event, customerId, externalCustomerId: by.externalId ?? null };
}

/** What would be added up must be no less than nothing, and not beyond all measure. */
function checkUnits(meters: readonly Measuring[], event: Sound): Sound {
  for (const meter of meters) {
    if (unfit(measureOf(meter), event) !== null)
      throw new InvalidInputError(
        `The meter ${meter.name} adds this up: it must be a number from 0 to ${MOST_UNITS}.`,
        ['metadata', ...(meter.property ?? '').split('.')],
      );
  }
  return event;
}

/**
 * One statement for all. Places are given in the order of the batch; rows are written in the order of their external
 * ids, so that two batches with the same ones never wait for each other in a ring. Answers the ids of what is new.
 */
async function insert(tx: Tx, organizationId: string, events: readonly Assigned[]): Promise<Set<string>> {
  const [row] = await tx.run<{ ids: string[] | null }>('insert usage', INSERT, [
    organizationId,
    tx.now,
    JSON.stringify(events),
  ]);
  return new Set(row?.ids);
}

const INSERT = `
  WITH given AS (
    SELECT r.*, nextval('"UsageEvent_sequence_seq"') AS sequence
    FROM jsonb_to_recordset($3::jsonb) AS r(id text, "customerId" text, "externalCustomerId" text, name text,
      timestamp timestamptz, "externalId" text, metadata jsonb)
  ), written AS (
    INSERT INTO "UsageEvent" (id, sequence, "organizationId", "customerId", "externalCustomerId", name, timestamp,
      "externalId", metadata, "recordedAt")
    SELECT id, sequence, $1, "customerId", "externalCustomerId", name, timestamp, "externalId", metadata, $2
    FROM given ORDER BY "externalId" COLLATE "C", sequence
    ON CONFLICT DO NOTHING RETURNING id
  )
  SELECT array_agg(id) AS ids FROM written`;

/** The same mistake, seen from further out. */
function relocate(error: BrokenRule, outer: readonly string[]): BrokenRule {
  return Object.assign(error, { path: [...outer, ...error.path] });
}
