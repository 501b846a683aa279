import type { Mail } from '../../../prisma/generated/client/client.ts';
import * as customers from '../../domain/customers.ts';
import { loadCustomerMail } from '../../domain/mails/facts.ts';
import { judge } from '../../domain/mails/judgement.ts';
import * as mails from '../../domain/mails/mails.ts';
import { oneLine } from '../../lib/one-line.ts';
import { after, MINUTE_MS } from '../../lib/time.ts';
import type { Transaction, Tx } from '../../platform/unit-of-work.ts';
import type { Smtp } from '../../providers/smtp.ts';
import type { Kind } from '../kind.ts';
import { letterToCustomer } from './customer-letters.ts';
import type { Brand, Letter } from './letter.ts';
import { letterToMerchant } from './merchant-letters.ts';
import { asPage } from './page.ts';
import { asText } from './text.ts';

export interface MailOptions {
  transaction: Transaction;
  kinds: readonly Kind[];
  /** Null: mails are kept and go nowhere. */
  smtp: Smtp | null;
}

/** Longer than a mail server is waited for. Whoever has not come back by then is taken for dead. */
const LEASE_MS = 2 * MINUTE_MS;
/** Names that reach nobody, reserved by RFC 2606 and RFC 6761. */
const NOWHERE = /[@.](example\.(com|net|org)|example|test|invalid|localhost)$/;

/**
 * Writes a mail whose instant has come, and sends it. A mail server that took it while this process died before
 * writing that down is given it again, with the same Message-ID: twice at worst, never not at all.
 */
export async function deliver(options: MailOptions, mailId: string): Promise<void> {
  const { transaction, smtp } = options;
  const ready = await transaction((tx) => prepare(tx, options, mailId));
  if (!ready || !smtp) return;
  const { mail, from, replyTo } = ready;
  const { id, recipient, subject, text, html } = mail;
  const outcome = await smtp.send({
    id,
    from,
    replyTo,
    to: recipient ?? '',
    subject: subject ?? '',
    text: text ?? '',
    html: html ?? '',
  });
  await transaction((tx) => mails.conclude(tx, mail, outcome));
}

interface Ready {
  mail: Mail;
  from: string;
  replyTo: string | null;
}

/** In one transaction: what it says, whether it is sent at all, and that nobody else sends it meanwhile. */
async function prepare(tx: Tx, options: MailOptions, mailId: string): Promise<Ready | null> {
  const named = await tx.db.mail.findUnique({ where: { id: mailId }, select: { customerId: true } });
  // First the customer and then the mail: what the mail says is not changed while it is written.
  if (named?.customerId) await customers.lockById(tx, named.customerId);
  const claimed = await mails.claim(tx, mailId);
  if (!claimed) return null;
  const mail = claimed.state === 'QUEUED' ? claimed : await write(tx, options, claimed);
  if (!mail) return null;
  const why = options.smtp
    ? NOWHERE.test(mail.recipient ?? '')
      ? 'Its address reaches nobody.'
      : null
    : 'No mail server is configured.';
  if (why) {
    await mails.keep(tx, mail, why);
    return null;
  }
  const { name, supportEmail, replyTo } = await tx.db.organization.findUniqueOrThrow({
    where: { id: mail.organizationId },
  });
  const begun = await mails.begin(tx, mail, after(tx.now, LEASE_MS));
  return {
    mail: begun,
    from: mail.customerId ? name : 'Boon',
    replyTo: mail.customerId ? (replyTo ?? supportEmail) : null,
  };
}

/** Null when it waits, or when there is nothing to say any more. */
async function write(tx: Tx, { kinds }: MailOptions, mail: Mail): Promise<Mail | null> {
  if (!mail.customerId) return writeToMerchant(tx, mail);
  const facts = await loadCustomerMail(tx, mail, mail.customerId);
  const judgement = judge(facts, tx.now);
  if (judgement.is === 'wait') await mails.wait(tx, mail, judgement.until);
  if (judgement.is === 'moot') await mails.cancel(tx, mail, judgement.why);
  if (judgement.is !== 'write') return null;
  const { organization, customer } = facts;
  const letter = letterToCustomer({ ...facts, grants: judgement.grants, kinds, now: tx.now });
  return mails.compose(
    tx,
    mail,
    customer.email,
    set(letter, {
      name: oneLine(organization.name),
      logoUrl: organization.logoUrl,
      supportEmail: organization.supportEmail,
      reader: customer.name && oneLine(customer.name),
      reason: `${oneLine(organization.name)} writes to you because of what you have there.`,
    }),
    judgement.asks,
  );
}

async function writeToMerchant(tx: Tx, mail: Mail): Promise<Mail | null> {
  const { name, supportEmail } = await tx.db.organization.findUniqueOrThrow({ where: { id: mail.organizationId } });
  if (!supportEmail) {
    await mails.cancel(tx, mail, 'The organization has no support address to write to.');
    return null;
  }
  const brand = {
    name: 'Boon',
    logoUrl: null,
    supportEmail: null,
    reader: null,
    reason: `This is the support address of ${oneLine(name)}.`,
  };
  return mails.compose(tx, mail, supportEmail, set(letterToMerchant(mail), brand));
}

/** What people called things ends up in headers and titles: it stays on its line there. */
function set(given: Letter, brand: Brand): mails.Content {
  const letter = { ...given, subject: oneLine(given.subject), preview: oneLine(given.preview) };
  return { subject: letter.subject, text: asText(letter, brand), html: asPage(letter, brand) };
}
