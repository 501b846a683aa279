import { parseUnits } from '../../lib/units.ts';
import type { Database } from '../../platform/database.ts';
import { type Balance, balanceOf, emptyBook } from './book.ts';
import { advance } from './passing.ts';
import { type BalanceRow, bookOf } from './rows.ts';

/** What a balance is at an instant: what stands in its row, and what time has done since. */
export const balanceAt = (row: BalanceRow, at: Date): Balance => balanceOf(advance(bookOf(row), at));

/**
 * What a balance was at a past instant: every entry says what stood after it. An end that was put off later is none that
 * was known then.
 */
export async function balanceThen(database: Database, row: BalanceRow, at: Date): Promise<Balance> {
  if (at >= row.asOf) return balanceAt(row, at);
  const [[entry], [held]] = await Promise.all([
    database.read<{ balance: string; credited: string; overage: string; nextExpiryAt: Date | null }>(
      'balance then',
      `SELECT balance::text, credited::text, overage::text, "nextExpiryAt" FROM "CreditEntry"
       WHERE "balanceId" = $1 AND at <= $2 ORDER BY at DESC, sequence DESC LIMIT 1`,
      [row.id, at],
    ),
    database.read<{ units: string }>(
      'held then',
      `SELECT coalesce(sum(units), 0)::text AS units FROM "CreditHold"
       WHERE "balanceId" = $1 AND "createdAt" <= $2 AND coalesce("endedAt", "expiresAt") > $2`,
      [row.id, at],
    ),
  ]);
  if (!entry) return balanceOf(emptyBook(at));
  const [balance, credited] = [parseUnits(entry.balance), parseUnits(entry.credited)];
  const { nextExpiryAt } = entry;
  return {
    balance,
    credited,
    consumed: credited - balance,
    overage: parseUnits(entry.overage),
    held: parseUnits(held?.units ?? '0'),
    nextExpiryAt: nextExpiryAt && nextExpiryAt > at ? nextExpiryAt : null,
  };
}
