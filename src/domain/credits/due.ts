import { after, SECOND_MS } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import * as customers from '../customers.ts';
import { openOne, save } from './accounts.ts';
import type { Named } from './book.ts';
import { advance, nextInstant } from './passing.ts';

/** Enters what time did to a balance: credits that began or ended, holds that lapsed. */
export const PASS_TIME = 'pass-time';

/** A job that has not come by then is taken for lost, and the clock sends another. */
const PATIENCE_MS = 5 * SECOND_MS;
const DUE_PAGE = 500;

/** Whoever reads a balance goes by the clock; this has the world told, too. */
export async function passTime(tx: Tx, named: Named): Promise<void> {
  if (!(await customers.lockById(tx, named.customerId))) return;
  const account = await openOne(tx, named);
  const book = advance(account.book, tx.now);
  await save(tx, [{ ...account, book }]);
  // Also where nothing was to be done any more: an end that was known may have moved.
  await tx.db.creditBalance.updateMany({ where: { id: account.id }, data: { dueAt: nextInstant(book) } });
}

/** Sends a job for every balance whose instant has come. */
export async function requestDue(tx: Tx): Promise<number> {
  const due = await tx.db.$queryRaw<(Named & { id: string })[]>`
    UPDATE "CreditBalance" SET "dueAt" = ${after(tx.now, PATIENCE_MS)}
    WHERE id IN (SELECT id FROM "CreditBalance" WHERE "dueAt" <= ${tx.now} ORDER BY "dueAt" LIMIT ${DUE_PAGE} FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id, "customerId", "meterId"`;
  for (const { id, customerId, meterId } of due) {
    tx.enqueue({ name: PASS_TIME, data: { customerId, meterId }, key: id });
  }
  return due.length;
}
