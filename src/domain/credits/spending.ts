import { checkText } from '../../lib/checks.ts';
import { InsufficientCreditsError, InvalidInputError } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import { formatUnits, parseUnits, type Units } from '../../lib/units.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import * as customers from '../customers.ts';
import { openOne, save } from './accounts.ts';
import type { Account, Book, Lot, Named } from './book.ts';
import { availableOf, burn } from './burning.ts';
import { checkLivingMeter, checkMeter } from './meters.ts';
import { advance } from './passing.ts';

const PRIORITY_LIMIT = 1_000_000;
const NOTE_CHARACTERS = 500;

interface Wanted extends Named {
  organizationId: string;
  /** A decimal. */
  units: string;
}

/** The balance that was changed. */
export interface Answer {
  balanceId: string;
}

/** Gives credits that come from no benefit. */
export async function topUp(
  tx: Tx,
  wanted: Wanted & { expiresAt?: Date | null; priority?: number | null },
): Promise<Answer> {
  const { expiresAt = null, priority } = wanted;
  const amount = checkUnits(wanted.units);
  if (Math.abs(priority ?? 0) > PRIORITY_LIMIT)
    throw new InvalidInputError(`It lies between ${-PRIORITY_LIMIT} and ${PRIORITY_LIMIT}.`, ['priority']);
  await checkLivingMeter(tx, wanted);
  const account = await openLocked(tx, wanted);
  if (expiresAt && expiresAt <= tx.now) throw new InvalidInputError('It lies in the past.', ['expiresAt']);
  const lot = lotOf(tx, { amount, source: 'TOP_UP', expiresAt, priority: priority ?? 0, note: null });
  return write(tx, account, add(account.book, lot));
}

/** Corrects a balance: more than zero is given, less than zero is taken, as overage where there is nothing left. */
export async function adjust(tx: Tx, wanted: Wanted & { note: string }): Promise<Answer> {
  const units = parseUnits(wanted.units);
  if (units === 0n) throw new InvalidInputError('It may not be zero.', ['units']);
  const note = checkText(wanted.note, ['note'], NOTE_CHARACTERS);
  await checkMeter(tx, wanted);
  const account = await openLocked(tx, wanted);
  if (units < 0n) return write(tx, account, burn(account.book, -units, { type: 'ADJUSTED', note }));
  const lot = lotOf(tx, { amount: units, source: 'CORRECTION', expiresAt: null, priority: 0, note });
  return write(tx, account, add(account.book, lot));
}

/** The book of a customer, who is locked, as it is now. */
export async function openLocked(
  tx: Tx,
  { organizationId, customerId, meterId }: Omit<Wanted, 'units'>,
): Promise<Account> {
  await customers.lock(tx, organizationId, customerId, ['customer']);
  const account = await openOne(tx, { customerId, meterId });
  return { ...account, book: advance(account.book, tx.now) };
}

export async function write(tx: Tx, account: Account, book: Book): Promise<Answer> {
  await save(tx, [{ ...account, book }]);
  return { balanceId: account.id };
}

/** Refuses what is more than there is to spend. */
export function refuseTooMany(book: Book, units: Units): void {
  const available = availableOf(book);
  if (units > available) throw new InsufficientCreditsError(formatUnits(available > 0n ? available : 0n), ['units']);
}

export function checkUnits(text: string, path = ['units']): Units {
  const units = parseUnits(text);
  if (units <= 0n) throw new InvalidInputError('It must be more than zero.', path);
  return units;
}

const add = (book: Book, lot: Lot): Book => advance({ ...book, lots: [...book.lots, lot] }, book.asOf);

function lotOf(tx: Tx, given: Pick<Lot, 'amount' | 'source' | 'expiresAt' | 'priority' | 'note'>): Lot {
  const id = newId('creditLot', tx.now);
  return {
    ...given,
    id,
    key: id,
    state: 'PENDING',
    grantId: null,
    family: null,
    periodStart: null,
    used: 0n,
    remaining: 0n,
    lost: 0n,
    carries: [],
    carriesMost: null,
    replaces: [],
    effectiveAt: tx.now,
    entitledUntil: null,
  };
}
