import type { CreditHold } from '../../../prisma/generated/client/client.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import { after, DAY_MS } from '../../lib/time.ts';
import { parseUnits } from '../../lib/units.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Account, Named } from './book.ts';
import { commit as commitHold, hold, release as releaseHold } from './holding.ts';
import { checkMeter } from './meters.ts';
import { type Answer, checkUnits, openLocked, refuseTooMany, write } from './spending.ts';

/** A hold that nobody ends lapses. */
const LASTS_MS = DAY_MS;

interface NamedHold {
  organizationId: string;
  id: string;
}

/** Sets units aside, if there are so many to spend. */
export async function place(
  tx: Tx,
  wanted: Named & { organizationId: string; units: string; expiresAt?: Date | null },
): Promise<Answer & { holdId: string }> {
  const units = checkUnits(wanted.units);
  await checkMeter(tx, wanted);
  const account = await openLocked(tx, wanted);
  const expiresAt = wanted.expiresAt ?? after(tx.now, LASTS_MS);
  if (expiresAt <= tx.now) throw new InvalidInputError('It lies in the past.', ['expiresAt']);
  refuseTooMany(account.book, units);
  const id = newId('creditHold', tx.now);
  return { ...(await write(tx, account, hold(account.book, { id, units, expiresAt }))), holdId: id };
}

/** Uses so much of a hold, all of it unless said otherwise, and frees the rest. The same again changes nothing. */
export async function commit(tx: Tx, named: NamedHold & { units?: string | null }): Promise<Answer> {
  const { standing, account } = await openHeld(tx, named);
  const text = named.units ?? standing.units.toFixed();
  const units = parseUnits(text);
  if (units < 0n) throw new InvalidInputError('It may not be negative.', ['units']);
  if (units > parseUnits(standing.units.toFixed()))
    throw new InvalidInputError('It is more than the hold set aside.', ['units']);
  if (standing.state === 'COMMITTED' && standing.committed?.equals(text)) return { balanceId: account.id };
  refuseEnded(account, standing);
  return write(tx, account, commitHold(account.book, standing.id, units));
}

/** Frees what a hold set aside. What is free already stays so. */
export async function release(tx: Tx, named: NamedHold): Promise<Answer> {
  const { standing, account } = await openHeld(tx, named);
  if (standing.state === 'COMMITTED') throw new ConflictError('The hold was committed.', ['id']);
  const open = account.book.holds.some(({ id, state }) => id === standing.id && state === 'OPEN');
  return write(tx, account, open ? releaseHold(account.book, standing.id) : account.book);
}

async function openHeld(
  tx: Tx,
  { organizationId, id }: NamedHold,
): Promise<{ standing: CreditHold; account: Account }> {
  const found = await tx.db.creditHold.findFirst({
    where: { id, ledger: { organizationId } },
    select: { ledger: { select: { customerId: true, meterId: true } } },
  });
  if (!found) throw new NotFoundError('hold', ['id']);
  const account = await openLocked(tx, { organizationId, ...found.ledger });
  return { account, standing: await tx.db.creditHold.findUniqueOrThrow({ where: { id } }) };
}

function refuseEnded({ book }: Account, { id, state }: CreditHold): void {
  if (book.holds.some((held) => held.id === id && held.state === 'OPEN')) return;
  const why = state === 'COMMITTED' ? 'was committed' : state === 'RELEASED' ? 'was released' : 'has lapsed';
  throw new ConflictError(`The hold ${why}.`, ['id']);
}
