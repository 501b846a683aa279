import type {
  CreditCause,
  CreditEntryType,
  CreditHoldState,
  CreditLotState,
  CreditSource,
} from '../../../prisma/generated/client/client.ts';
import { earliest } from '../../lib/time.ts';
import type { Units } from '../../lib/units.ts';

/** What one customer has of one meter: everything that decides what usage burns, and the entries that follow from it. */
export interface Book {
  lots: readonly Lot[];
  holds: readonly Hold[];
  /** The sum of all entries. */
  balance: Units;
  /** Usage that no lot has paid for. */
  overage: Units;
  /** All that was ever used. */
  used: Units;
  /** The amounts of lots that are used up and have no end. */
  spent: Units;
  /** All that time did until then stands in the entries. */
  asOf: Date;
  /** What was entered since the book was opened. */
  entries: readonly Entry[];
}

export interface Lot {
  id: string;
  /** What it was given for; nothing is given twice. */
  key: string;
  source: CreditSource;
  state: CreditLotState;
  grantId: string | null;
  /** The subscription and its period, whose lots replace each other. */
  family: string | null;
  periodStart: Date | null;
  amount: Units;
  used: Units;
  /** The sum of its entries. */
  remaining: Units;
  /** What it still held when it ended. */
  lost: Units;
  /** The lots whose rest it carries over, and how much of it at most. */
  carries: readonly string[];
  carriesMost: Units | null;
  /** The lots of its family that were gone when it began: it stands in for them, and they do for it once it is gone. */
  replaces: readonly string[];
  /** Lower burns first. */
  priority: number;
  effectiveAt: Date;
  expiresAt: Date | null;
  /** When the entitlement of its grant ends or ended; null: no end is known. */
  entitledUntil: Date | null;
  note: string | null;
}

export interface Hold {
  id: string;
  state: CreditHoldState;
  units: Units;
  committed: Units | null;
  expiresAt: Date;
  endedAt: Date | null;
}

export interface Entry {
  type: CreditEntryType;
  units: Units;
  /** Null: overage. */
  lotId: string | null;
  cause: CreditCause | null;
  note: string | null;
  at: Date;
  /** What stood afterwards. */
  balance: Units;
  credited: Units;
  overage: Units;
  used: Units;
  nextExpiryAt: Date | null;
}

export interface Named {
  customerId: string;
  meterId: string;
}

/** One customer's book of one meter, as it was opened and as it is by now. */
export interface Account extends Named {
  id: string;
  /** Nobody has written it yet. */
  isNew: boolean;
  organizationId: string;
  externalCustomerId: string | null;
  meterName: string;
  /** Of the newest entry. */
  sequence: bigint;
  createdAt: Date;
  /** As it stands in the database. */
  written: Book;
  book: Book;
}

/** A book in which nothing has happened yet. */
export const emptyBook = (asOf: Date): Book => ({
  lots: [],
  holds: [],
  balance: 0n,
  overage: 0n,
  used: 0n,
  spent: 0n,
  asOf,
  entries: [],
});

export interface Posting {
  type: CreditEntryType;
  units: Units;
  /** As it is afterwards but for `remaining`, to which the units are added; null: overage. */
  lot: Lot | null;
  cause?: CreditCause | null;
  note?: string | null;
}

/**
 * Enters something: the only way in which a balance changes, so that it is always the sum of the entries. What moves no
 * credits is entered where it changes which lots are in force, so that every entry says what stood until the next.
 */
export function post(book: Book, { type, units, lot, cause = null, note = null }: Posting): Book {
  const after = {
    ...book,
    lots: lot ? withLot(book.lots, { ...lot, remaining: lot.remaining + units }) : book.lots,
    overage: lot ? book.overage : book.overage - units,
    balance: book.balance + units,
    used: type === 'USED' ? book.used - units : book.used,
  };
  if (units === 0n && creditedOf(after) === creditedOf(book)) return after;
  const { balance, overage, used, asOf: at } = after;
  const entry = {
    type,
    units,
    lotId: lot?.id ?? null,
    cause,
    note,
    at,
    balance,
    credited: creditedOf(after),
    overage,
    used,
    nextExpiryAt: nextExpiryOf(after),
  };
  return { ...after, entries: [...book.entries, entry] };
}

const withLot = (lots: readonly Lot[], lot: Lot): Lot[] => lots.map((other) => (other.id === lot.id ? lot : other));

/** The book with something about a lot changed that moves no credits. */
export const changeLot = (book: Book, lot: Lot): Book => ({ ...book, lots: withLot(book.lots, lot) });

/** The amounts of the lots in force. */
export const creditedOf = ({ lots, spent }: Pick<Book, 'lots' | 'spent'>): Units =>
  lots.reduce((sum, { state, amount }) => (state === 'OPEN' ? sum + amount : sum), spent);

/** What is set aside. */
export const heldOf = ({ holds }: Pick<Book, 'holds'>): Units =>
  holds.reduce((sum, { state, units }) => (state === 'OPEN' ? sum + units : sum), 0n);

/** When credits that are left end the next time; null: no end is known. */
const nextExpiryOf = ({ lots }: Pick<Book, 'lots'>): Date | null =>
  earliest(lots.filter(({ state, remaining }) => state === 'OPEN' && remaining > 0n).map(endOf));

/** When a lot in force ends; null: no end is known. */
export const endOf = ({ expiresAt, entitledUntil }: Lot): Date | null => earliest([expiresAt, entitledUntil]);

/** What a customer has of a meter. */
export interface Balance {
  /** The amounts of the lots in force. */
  credited: Units;
  /** What of them is used, and overage. */
  consumed: Units;
  /** The difference: below zero where there is overage. */
  balance: Units;
  /** The part of it that is set aside. */
  held: Units;
  overage: Units;
  /** When credits that are left end the next time. */
  nextExpiryAt: Date | null;
}

export function balanceOf(book: Book): Balance {
  const { balance, overage } = book;
  const credited = creditedOf(book);
  const [held, nextExpiryAt] = [heldOf(book), nextExpiryOf(book)];
  return { credited, consumed: credited - balance, balance, held, overage, nextExpiryAt };
}
