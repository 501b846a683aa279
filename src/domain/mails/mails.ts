import type { Mail } from '../../../prisma/generated/client/client.ts';
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import { after, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Outcome } from '../../providers/smtp.ts';
import { hurry } from './queue.ts';

/** What a mail says. */
export interface Content {
  subject: string;
  text: string;
  html: string;
}

const FIRST_DELAY_MS = MINUTE_MS;
const LONGEST_DELAY_MS = 6 * HOUR_MS;
/** With delays that double from a minute to six hours, about three days. */
const MOST_ATTEMPTS = 20;
const ANSWER_CHARACTERS = 2_000;

/** A mail about which something is to be done now, held until the transaction ends; null when there is nothing to do. */
export async function claim(tx: Tx, id: string): Promise<Mail | null> {
  const held = await tx.db.$queryRaw<unknown[]>`SELECT 1 FROM "Mail" WHERE id = ${id} FOR UPDATE SKIP LOCKED`;
  const mail = held.length > 0 ? await tx.db.mail.findUnique({ where: { id } }) : null;
  if (!mail || (mail.state !== 'PLANNED' && mail.state !== 'QUEUED')) return null;
  return mail.sendAt > tx.now || (mail.sendingUntil && mail.sendingUntil > tx.now) ? null : mail;
}

/** Looks at it again then. */
export const wait = (tx: Tx, { id }: Mail, until: Date): Promise<Mail> => change(tx, id, { lookAt: until });

/** It is not sent, and this is why. */
export const cancel = (tx: Tx, { id }: Mail, why: string): Promise<Mail> =>
  change(tx, id, { state: 'CANCELED', lookAt: null, answer: why });

/** What it says is written down once, with what it asks its reader for; every attempt sends the same. */
export const compose = (
  tx: Tx,
  { id, about }: Mail,
  recipient: string,
  content: Content,
  asks: readonly string[] = [],
): Promise<Mail> =>
  tx.db.mail.update({
    where: { id },
    data: {
      ...content,
      recipient,
      ...(asks.length > 0 && { about: { ...(about as object), asks: [...asks] } }),
      state: 'QUEUED',
      composedAt: tx.now,
      updatedAt: tx.now,
    },
  });

/** It stays here, to be looked at. */
export const keep = (tx: Tx, { id }: Mail, why: string): Promise<Mail> =>
  change(tx, id, { state: 'KEPT', lookAt: null, answer: why });

/** Keeps other workers out while it is handed to a mail server; should this one die, another begins anew then. */
export const begin = (tx: Tx, { id }: Mail, sendingUntil: Date): Promise<Mail> =>
  change(tx, id, { sendingUntil, lookAt: sendingUntil });

/** Writes down what the mail server said. */
export async function conclude(tx: Tx, { id, attempts, sendingUntil }: Mail, { is, answer }: Outcome): Promise<void> {
  const tried = attempts + 1;
  const said = { answer: storable(answer), attempts: tried, sendingUntil: null, updatedAt: tx.now };
  const next = after(tx.now, Math.min(FIRST_DELAY_MS * 2 ** attempts, LONGEST_DELAY_MS));
  if (is === 'sent') {
    // Also when this worker was taken for dead meanwhile: nobody needs to send it again.
    await tx.db.mail.updateMany({
      where: { id, state: 'QUEUED' },
      data: { ...said, state: 'SENT', sentAt: tx.now, lookAt: null },
    });
  } else {
    const data =
      is === 'refused' || tried >= MOST_ATTEMPTS
        ? { state: 'FAILED' as const, lookAt: null }
        : { sendAt: next, lookAt: next };
    await tx.db.mail.updateMany({ where: { id, state: 'QUEUED', sendingUntil }, data: { ...said, ...data } });
  }
}

/** Another copy of a mail, to the address the customer has now. */
export async function resend(
  tx: Tx,
  { organizationId, id: given }: { organizationId: string; id: string },
): Promise<Mail> {
  const found = await tx.db.mail.findFirst({
    where: { id: given, organizationId },
    include: { customer: true, organization: true },
  });
  if (!found) throw new NotFoundError('mail', ['id']);
  if (found.composedAt === null)
    throw new ConflictError('It has not been written, so there is nothing to send again.', ['id']);
  if (found.state === 'QUEUED') throw new ConflictError('It is still being sent.', ['id']);
  const { customer, organization, occasion, customerId, subjectId, about, subject, text, html, composedAt } = found;
  const id = newId('mail', tx.now);
  const copy = await tx.db.mail.create({
    data: {
      ...{ id, organizationId, occasion, customerId, subjectId, about: about ?? {}, subject, text, html, composedAt },
      key: `resend:${id}`,
      resendOf: found.resendOf ?? found.id,
      state: 'QUEUED',
      recipient: customer?.email ?? organization.supportEmail ?? found.recipient,
      sendAt: tx.now,
      lookAt: tx.now,
      createdAt: tx.now,
      updatedAt: tx.now,
    },
  });
  await hurry(tx, new Set([copy.id]));
  return copy;
}

const change = (tx: Tx, id: string, data: Partial<Omit<Mail, 'about'>>): Promise<Mail> =>
  tx.db.mail.update({ where: { id }, data: { ...data, updatedAt: tx.now } });

/** What a stranger's server says may hold anything. */
const storable = (answer: string): string =>
  answer.toWellFormed().replaceAll('\0', '').slice(0, ANSWER_CHARACTERS).toWellFormed();
