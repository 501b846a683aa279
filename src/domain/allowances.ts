import { after } from '../lib/time.ts';
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
  for (const { name } of [...allowances].sort((a, b) => (a.name < b.name ? -1 : 1)))
    await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`allowance ${name}`}, 0))`;
  tx.now = tx.clock();
  const until = await freeAt(tx, allowances);
  if (until) return until;
  await tx.db.allowanceUse.createMany({ data: allowances.map(({ name }) => ({ name, at: tx.now })) });
  return null;
}

/** When all of these allow it next; null when they do now. Nothing is used. */
export async function freeAt(tx: Tx, allowances: readonly Allowance[]): Promise<Date | null> {
  for (const { name, limit, windowMs } of allowances) {
    const [first] = await tx.db.allowanceUse.findMany({
      where: { name, at: { gt: after(tx.now, -windowMs) } },
      orderBy: { at: 'desc' },
      skip: limit - 1,
      take: 1,
    });
    if (first) return after(first.at, windowMs);
  }
  return null;
}

/** The longest window anybody counts. */
const KEPT_MS = 25 * 60 * 60_000;

/** What no window reaches back to is forgotten. */
export async function sweep(tx: Tx): Promise<void> {
  await tx.db.allowanceUse.deleteMany({ where: { at: { lt: after(tx.now, -KEPT_MS) } } });
}
