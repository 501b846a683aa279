import { after } from '../lib/time.ts';
import type { Run } from '../platform/database.ts';
import type { Tx } from '../platform/unit-of-work.ts';

/** Something a third party allows only so often. */
export interface Allowance {
  /** Whom it is counted for: `invitations of repository 42`. */
  name: string;
  limit: number;
  windowMs: number;
}

/**
 * Uses each of these once, so that no third party has to refuse us. Null when all of them allow it; else when the one
 * that does not will, and none is used.
 */
export async function use(tx: Tx, allowances: readonly Allowance[]): Promise<Date | null> {
  if (allowances.length === 0) return null;
  const names = allowances.map(({ name }) => name).sort();
  await tx.run('lock allowances', LOCK, [names]);
  tx.now = tx.clock();
  const until = await freeAt(tx.run, allowances, tx.now);
  if (!until) await tx.run('use allowances', USE, [names, tx.now]);
  return until;
}

/** In the order in which they are named: the same everywhere. */
const LOCK = `
  SELECT pg_advisory_xact_lock(key)
  FROM (SELECT hashtextextended('allowance ' || name, 0) AS key FROM unnest($1::text[]) AS name ORDER BY name) AS keys`;
const USE = 'INSERT INTO "AllowanceUse" (name, at) SELECT name, $2 FROM unnest($1::text[]) AS name';

/** When all of these allow it next; null when they do now. Nothing is used. */
export async function freeAt(run: Run, allowances: readonly Allowance[], now: Date): Promise<Date | null> {
  const wanted = allowances.map(({ name, limit, windowMs }) => ({ name, limit, windowMs }));
  const [used] = await run<{ until: Date | null }>('when allowances are free', FREE_AT, [JSON.stringify(wanted), now]);
  return used?.until ?? null;
}

const FREE_AT = `
  SELECT max(last.at + wanted.span) AS until
  FROM jsonb_to_recordset($1::jsonb) AS asked(name text, "limit" int, "windowMs" float8),
    LATERAL (SELECT name, "limit", "windowMs" * interval '1 millisecond' AS span) AS wanted,
    LATERAL (
      SELECT at FROM "AllowanceUse" WHERE name = wanted.name AND at > $2::timestamptz - wanted.span
      ORDER BY at DESC OFFSET wanted."limit" - 1 LIMIT 1
    ) AS last`;

/** The longest window anybody counts. */
const KEPT_MS = 25 * 60 * 60_000;

/** What no window reaches back to is forgotten. */
export async function sweep(tx: Tx): Promise<void> {
  await tx.db.allowanceUse.deleteMany({ where: { at: { lt: after(tx.now, -KEPT_MS) } } });
}
