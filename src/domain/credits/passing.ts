import { smaller } from '../../lib/units.ts';
import { isOpen } from '../grants/entitlement.ts';
import { type Book, changeLot, endOf, type Lot, post } from './book.ts';
import { retireSpent } from './burning.ts';

/**
 * Enters what time did until `now`: lots begin, end, and go and come with the entitlement of their grants; holds lapse.
 * In the order of instants; at one instant what ends goes first, then what is carried over, then what is credited.
 */
export function advance(book: Book, now: Date): Book {
  const to = later(now, book.asOf);
  let after = book;
  for (let change = nextChange(after, to); change; change = nextChange(after, to)) {
    after = change.apply({ ...after, asOf: change.at });
  }
  return { ...after, asOf: to };
}

/** When time alone will next change something after `asOf`; null: never. */
export function nextInstant({ lots, holds }: Book): Date | null {
  let next: Date | null = null;
  const consider = (at: Date | null) => {
    if (at && (!next || at < next)) next = at;
  };
  for (const lot of lots) {
    if (lot.state === 'PENDING') consider(isOpen(lot.entitledUntil, lot.effectiveAt) ? lot.effectiveAt : lot.expiresAt);
    else if (lot.state === 'OPEN') consider(endOf(lot));
    else if (lot.state === 'WITHDRAWN' || lot.state === 'RETIRED') consider(lot.expiresAt);
  }
  for (const hold of holds) if (hold.state === 'OPEN') consider(hold.expiresAt);
  return next;
}

interface Change {
  at: Date;
  rank: number;
  apply(book: Book): Book;
}

const ENDS = 0;
const RETURNS = 1;
const CARRIES = 2;
const BEGINS = 3;

function nextChange(book: Book, now: Date): Change | null {
  let next: Change | null = null;
  const consider = (change: Change | null) => {
    if (!change || change.at > now) return;
    const at = later(change.at, book.asOf);
    if (!next || at < next.at || (at.getTime() === next.at.getTime() && change.rank < next.rank))
      next = { ...change, at };
  };
  for (const lot of book.lots) consider(changeOf(lot, now));
  for (const hold of book.holds) {
    if (hold.state === 'OPEN') consider({ at: hold.expiresAt, rank: ENDS, apply: (now) => lapse(now, hold.id) });
  }
  return next;
}

/** What time does to a lot next. */
function changeOf(lot: Lot, now: Date): Change | null {
  const { state, expiresAt, entitledUntil, effectiveAt } = lot;
  const ends = (apply: Change['apply']) => expiresAt && { at: expiresAt, rank: ENDS, apply };
  switch (state) {
    case 'PENDING':
      if (!isOpen(entitledUntil, effectiveAt)) return ends((book) => changeLot(book, { ...lot, state: 'ENDED' }));
      return {
        at: effectiveAt,
        rank: lot.source === 'ROLLOVER' ? CARRIES : BEGINS,
        apply: (book) => begin(book, lot),
      };
    case 'OPEN':
      // What ends together with its period has ended with it.
      if (entitledUntil && (!expiresAt || entitledUntil < expiresAt))
        return { at: entitledUntil, rank: ENDS, apply: (book) => withdraw(book, lot) };
      return ends((book) => expire(book, lot));
    case 'WITHDRAWN':
      if (expiresAt && expiresAt <= now) return ends((book) => changeLot(book, { ...lot, state: 'ENDED' }));
      return isOpen(entitledUntil, now) ? { at: now, rank: RETURNS, apply: (book) => comeBack(book, lot) } : null;
    case 'RETIRED':
      return ends((book) => changeLot(book, { ...lot, state: 'ENDED' }));
    default:
      return null;
  }
}

const ENTRY = { GRANT: 'CREDITED', TOP_UP: 'CREDITED', ROLLOVER: 'CARRIED', CORRECTION: 'ADJUSTED' } as const;

function begin(book: Book, lot: Lot): Book {
  if (lot.amount === 0n) return changeLot(book, { ...lot, state: 'ENDED' });
  const type = ENTRY[lot.source];
  const replaces = book.lots.filter((other) => isGone(other, lot, book.asOf)).map(({ id }) => id);
  const begun = { ...lot, state: 'OPEN' as const, replaces };
  return takeOver(post(book, { type, units: lot.amount, lot: begun, note: lot.note }), lot.id);
}

function comeBack(book: Book, lot: Lot): Book {
  const units = lot.amount > lot.used ? lot.amount - lot.used : 0n;
  return takeOver(post(book, { type: 'WITHDRAWN', units, lot: { ...lot, state: 'OPEN' } }), lot.id);
}

export const withdraw = (book: Book, lot: Lot, state: 'WITHDRAWN' | 'RETIRED' = 'WITHDRAWN'): Book =>
  post(book, { type: 'WITHDRAWN', units: -lot.remaining, lot: { ...lot, state } });

/** What it still held goes over into the lots that wait for it. */
function expire(book: Book, lot: Lot): Book {
  const ended = { ...lot, state: 'ENDED' as const, lost: lot.remaining };
  const after = post(book, { type: 'EXPIRED', units: -lot.remaining, lot: ended });
  return {
    ...after,
    lots: after.lots.map((other) =>
      other.state === 'PENDING' && other.carries.includes(lot.id)
        ? { ...other, amount: upTo(other.carriesMost, other.amount + lot.remaining) }
        : other,
    ),
  };
}

/** So much, or the most there may be. */
export const upTo = (most: bigint | null, units: bigint): bigint => (most === null ? units : smaller(most, units));

/**
 * A lot that comes into force takes over what was used from those it replaces, as far as it reaches, and then pays
 * what nothing has paid for yet.
 */
export function takeOver(book: Book, lotId: string): Book {
  const current = (of: Book): Lot => of.lots.find(({ id }) => id === lotId) as Lot;
  let after = book;
  for (const replaced of book.lots.filter((other) => replaces(current(book), other, book.asOf))) {
    const units = smaller(replaced.used, current(after).remaining);
    if (units === 0n) continue;
    const relieved = { ...replaced, used: replaced.used - units };
    after = post(after, { type: 'USED', units, lot: relieved, cause: 'TRANSFER' });
    after = post(after, { type: 'WITHDRAWN', units: -units, lot: { ...relieved, remaining: units } });
    after = pay(after, current(after), units);
  }
  const owed = smaller(after.overage, current(after).remaining);
  if (owed > 0n) {
    after = pay(after, current(after), owed);
    after = post(after, { type: 'USED', units: owed, lot: null, cause: 'TRANSFER' });
  }
  return retireSpent(after, lotId);
}

const pay = (book: Book, lot: Lot, units: bigint): Book =>
  post(book, { type: 'USED', units: -units, lot: { ...lot, used: lot.used + units }, cause: 'TRANSFER' });

/** Lots that were in force beside each other do not replace each other: each has paid for its own. */
const replaces = (lot: Lot, other: Lot, now: Date): boolean =>
  isGone(other, lot, now) && (lot.replaces.includes(other.id) || other.replaces.includes(lot.id));

/** Of the same subscription and period, from another benefit, and not in force any more. */
const isGone = (other: Lot, lot: Lot, now: Date): boolean =>
  lot.family !== null &&
  other.family === lot.family &&
  other.grantId !== lot.grantId &&
  other.state === 'WITHDRAWN' &&
  !isOpen(other.entitledUntil, now);

const lapse = (book: Book, holdId: string): Book => ({
  ...book,
  holds: book.holds.map((hold) => (hold.id === holdId ? { ...hold, state: 'EXPIRED', endedAt: book.asOf } : hold)),
});

const later = (a: Date, b: Date): Date => (a > b ? a : b);
