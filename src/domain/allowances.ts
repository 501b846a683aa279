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
 * Uses each of these once, so that no third party has to refuse us. Null when all of them allow it; else none is used,
 * and whoever asks has a turn: of all who wait for the same thing only as many come back at once as it will allow by
 * then, and who comes later stands behind them.
 */
export async function use(tx: Tx, holder: string, allowances: readonly Allowance[]): Promise<Date | null> {
  if (allowances.length === 0) return null;
  const turn = await waitFor(tx, holder, allowances);
  if (turn) return turn;
  await tx.run('use allowances', USE, [allowances.map(({ name }) => name), holder, tx.now]);
  return null;
}

/** The same without using them. */
export async function waitFor(tx: Tx, holder: string, allowances: readonly Allowance[]): Promise<Date | null> {
  await tx.run('lock allowances', LOCK, [allowances.map(({ name }) => name)]);
  tx.now = tx.clock();
  const turn = await turnOf(tx.run, holder, allowances, tx.now);
  if (turn) await tx.run('take turn', TAKE, [turn.name, holder, turn.at]);
  return turn?.at ?? null;
}

/** Who waits for nothing but these any more leaves every other line: those who come later need not stand behind them. */
export async function giveUp(tx: Tx, holder: string, except: readonly string[] = []): Promise<void> {
  await tx.run('give up turns', GIVE_UP, [holder, except]);
}

/** In the order in which they are named: the same everywhere. */
const LOCK = `
  SELECT pg_advisory_xact_lock(key)
  FROM (SELECT hashtextextended('allowance ' || name, 0) AS key FROM unnest($1::text[]) AS name ORDER BY name) AS keys`;
const USE = `
  WITH gone AS (DELETE FROM "AllowanceTurn" WHERE name = ANY($1::text[]) AND holder = $2)
  INSERT INTO "AllowanceUse" (name, at) SELECT name, $3 FROM unnest($1::text[]) AS name`;
const TAKE = `
  INSERT INTO "AllowanceTurn" (name, holder, at) VALUES ($1, $2, $3)
  ON CONFLICT (name, holder) DO UPDATE SET at = EXCLUDED.at`;

const GIVE_UP = 'DELETE FROM "AllowanceTurn" WHERE holder = $1 AND name <> ALL($2::text[])';

interface Turn {
  /** What it waits for. */
  name: string;
  at: Date;
}

/** When all of these allow it to whoever asks; null when they do now. Nothing is used, and no turn is taken. */
export async function turnOf(
  run: Run,
  holder: string,
  allowances: readonly Allowance[],
  now: Date,
): Promise<Turn | null> {
  const wanted = allowances.map(({ name, limit, windowMs }) => ({ name, limit, windowMs }));
  const [turn] = await run<Turn>('turn', TURN, [JSON.stringify(wanted), holder, now]);
  return turn ?? null;
}

/**
 * The turns of those ahead count as uses to come: so the first in line waits for the first use to leave the window, and
 * so on. Whose turn has just come and who is on the way is still ahead; whoever does not come holds up nobody for long.
 */
const TURN = `
  SELECT wanted.name, last.at + wanted.span AS at
  FROM jsonb_to_recordset($1::jsonb) AS asked(name text, "limit" int, "windowMs" float8),
    LATERAL (SELECT name, "limit", "windowMs" * interval '1 millisecond' AS span) AS wanted,
    LATERAL (
      SELECT at FROM (
        SELECT at FROM "AllowanceUse" WHERE name = wanted.name AND at > $3::timestamptz - wanted.span
        UNION ALL
        SELECT at FROM "AllowanceTurn" WHERE name = wanted.name AND holder <> $2
          AND at > $3::timestamptz - least(wanted.span, interval '30 seconds')
          AND at < coalesce((SELECT at FROM "AllowanceTurn" WHERE name = wanted.name AND holder = $2), 'infinity')
      ) AS known
      ORDER BY at DESC OFFSET wanted."limit" - 1 LIMIT 1
    ) AS last
  ORDER BY at DESC LIMIT 1`;

/** The longest window anybody counts. */
const KEPT_MS = 25 * 60 * 60_000;

/** What no window reaches back to is forgotten. */
export async function sweep(tx: Tx): Promise<void> {
  const old = { at: { lt: after(tx.now, -KEPT_MS) } };
  await tx.db.allowanceUse.deleteMany({ where: old });
  await tx.db.allowanceTurn.deleteMany({ where: old });
}
