import { after, MINUTE_MS } from '../lib/time.ts';
import type { Tx } from '../platform/unit-of-work.ts';

/** Looks whether what one benefit gave at a third party still stands. */
export const LOOK_AFTER = 'look-after-benefit';

const EVERY_MS = 10 * MINUTE_MS;
/** So many at once, so that a look at everything is spread over time. */
const PAGE = 20;

/** Sends a job for benefits of these types that nobody has looked after for a while. */
export async function requestDue(tx: Tx, types: readonly string[]): Promise<number> {
  const due = await tx.db.$queryRaw<{ id: string }[]>`
    UPDATE "Benefit" SET "lookedAt" = ${tx.now}
    WHERE id IN (
      SELECT id FROM "Benefit" WHERE type = ANY(${[...types]}) AND ("lookedAt" IS NULL OR "lookedAt" < ${after(tx.now, -EVERY_MS)})
      ORDER BY "lookedAt" NULLS FIRST LIMIT ${PAGE} FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id`;
  for (const { id } of due) tx.enqueue({ name: LOOK_AFTER, data: { benefitId: id }, key: id });
  return due.length;
}
