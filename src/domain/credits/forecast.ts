import { DAY_MS, HOUR_MS } from '../../lib/time.ts';
import type { Units } from '../../lib/units.ts';
import { parseUnits } from '../../lib/units.ts';
import type { Database } from '../../platform/database.ts';
import type { Book } from './book.ts';
import { burn } from './burning.ts';
import { advance, nextInstant } from './passing.ts';
import { type BalanceRow, bookOf } from './rows.ts';

/** The pace of the last days is taken for that of the days to come. */
const WINDOW_MS = 7 * DAY_MS;
/** What was used in less time than this says little of the days to come. */
const LEAST_MS = HOUR_MS;
/** Beyond so many instants nobody knows anyway. */
const MOST_INSTANTS = 1_000;

export interface Forecast {
  perDay: Units;
  /** Null: at this pace never. */
  emptyAt: Date | null;
}

/** So many units in so many milliseconds. */
export interface Pace {
  used: Units;
  ms: number;
}

/** When a balance will be empty if it goes on being used as in the last days, and nothing new comes. */
export async function forecast(database: Database, row: BalanceRow, now: Date): Promise<Forecast> {
  const book = advance(bookOf(row), now);
  const from = new Date(Math.max(now.getTime() - WINDOW_MS, new Date(row.createdAt).getTime()));
  const [before] = await database.read<{ used: string }>(
    'used then',
    `SELECT used::text FROM "CreditEntry" WHERE "balanceId" = $1 AND at < $2 ORDER BY at DESC, sequence DESC LIMIT 1`,
    [row.id, from],
  );
  const ms = Math.max(now.getTime() - from.getTime(), LEAST_MS);
  const pace = { used: book.used - parseUnits(before?.used ?? '0'), ms };
  return { perDay: (pace.used * BigInt(DAY_MS)) / BigInt(pace.ms), emptyAt: emptyAt(book, pace) };
}

/** Credits that end unused go, too, and those that are known to begin come. */
export function emptyAt(book: Book, { used, ms }: Pace): Date | null {
  let then = book;
  for (let instants = 0; instants < MOST_INSTANTS; instants++) {
    if (then.balance <= 0n) return then.asOf;
    const next = nextInstant(then);
    const left = used > 0n ? (then.balance * BigInt(ms) + used - 1n) / used : null;
    if (left !== null && (!next || left <= BigInt(next.getTime() - then.asOf.getTime())))
      return dateAfter(then.asOf, left);
    if (!next) return null;
    const spent = (used * BigInt(next.getTime() - then.asOf.getTime())) / BigInt(ms);
    then = advance({ ...burn(then, spent, { type: 'USED', cause: 'USAGE' }), entries: [] }, next);
  }
  return null;
}

/** Null where no calendar reaches. */
function dateAfter(date: Date, ms: bigint): Date | null {
  const then = new Date(date.getTime() + Number(ms));
  return Number.isNaN(then.getTime()) || then.getUTCFullYear() > 9999 ? null : then;
}
