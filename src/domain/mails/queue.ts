import { after, MINUTE_MS } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';

/** Writes one mail as it should read now, and sends it. */
export const SEND_MAIL = 'send-mail';

/** A job that has not come by then is taken for lost, and the clock sends another. */
const PATIENCE_MS = MINUTE_MS;
const DUE_PAGE = 500;

/** Has these mails looked at now, as far as anything is left to be done about them. */
export async function hurry(tx: Tx, ids: ReadonlySet<string>): Promise<void> {
  if (ids.size === 0) return;
  await tx.db.mail.updateMany({
    where: { id: { in: [...ids] }, lookAt: { not: null } },
    data: { lookAt: after(tx.now, PATIENCE_MS) },
  });
  for (const id of ids) tx.enqueue({ name: SEND_MAIL, data: { mailId: id }, key: id });
}

/** Sends a job for every mail whose instant has come: an announcement, a retry, or a job that was lost. */
export async function requestDue(tx: Tx): Promise<number> {
  const due = await tx.db.$queryRaw<{ id: string }[]>`
    UPDATE "Mail" SET "lookAt" = ${after(tx.now, PATIENCE_MS)}
    WHERE id IN (SELECT id FROM "Mail" WHERE "lookAt" <= ${tx.now} ORDER BY "lookAt" LIMIT ${DUE_PAGE} FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id`;
  for (const { id } of due) tx.enqueue({ name: SEND_MAIL, data: { mailId: id }, key: id });
  return due.length;
}
