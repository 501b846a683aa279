import { type Book, balanceOf, emptyBook, type Lot } from '../../../src/domain/credits/book.ts';
import { availableOf, burn } from '../../../src/domain/credits/burning.ts';
import { commit, hold, release } from '../../../src/domain/credits/holding.ts';
import { advance } from '../../../src/domain/credits/passing.ts';
import { keep, type Pledge, retire } from '../../../src/domain/credits/pledges.ts';
import { formatUnits, parseUnits } from '../../../src/lib/units.ts';

/** Days of the year 2026, counted from 1 January, at midnight. */
export const day = (count: number): Date => new Date(Date.UTC(2026, 0, 1) + count * 86_400_000);

let made = 0;
export const newLotId = (): string => `lot_${String(++made).padStart(6, '0')}`;

export type Numeric = number | string;

export const units = (number: Numeric): bigint => parseUnits(String(number));

/** One thing that happens to a book. */
export type Step = (book: Book) => Book;

export const tell = (...steps: Step[]): Book => steps.reduce((book, step) => step(book), emptyBook(day(0)));

/** Credits that come from no grant. */
export const topUp =
  (amount: Numeric, some: Partial<Lot> = {}): Step =>
  (book) => {
    const id = newLotId();
    const lot: Lot = {
      id,
      key: id,
      source: 'TOP_UP',
      state: 'PENDING',
      grantId: null,
      family: null,
      periodStart: null,
      amount: units(amount),
      used: 0n,
      remaining: 0n,
      lost: 0n,
      carries: [],
      carriesMost: null,
      replaces: [],
      priority: 0,
      effectiveAt: book.asOf,
      expiresAt: null,
      entitledUntil: null,
      note: null,
      ...some,
    };
    return advance({ ...book, lots: [...book.lots, lot] }, book.asOf);
  };

interface Terms {
  priority?: number;
  rollover?: Numeric | 'all';
  /** The subscription; null: none. */
  of?: string | null;
  entitledUntil?: number;
}

/** What a grant gives from one day to another. */
export const grant =
  (name: string, amount: Numeric, [from, to]: [number, number | null], terms: Terms = {}): Step =>
  (book) => {
    const { priority = 0, rollover, of = 'sub', entitledUntil } = terms;
    const pledge: Pledge = {
      grantId: name,
      key: `${name} ${from}`,
      family: of && `${of} ${from}`,
      period: { start: day(from), end: to === null ? null : day(to) },
      units: units(amount),
      priority,
      rollover: rollover === undefined ? null : { most: rollover === 'all' ? null : units(rollover) },
      entitledUntil: entitledUntil === undefined ? null : day(entitledUntil),
    };
    return keep(book, pledge, book.asOf, newLotId);
  };

export const use =
  (amount: Numeric): Step =>
  (book) =>
    burn(book, units(amount), { type: 'USED', cause: 'USAGE' });
/** Takes them only if there are so many. */
export const consume =
  (amount: Numeric): Step =>
  (book) =>
    units(amount) <= availableOf(book) ? burn(book, units(amount), { type: 'USED', cause: 'CONSUMPTION' }) : book;
export const take =
  (amount: Numeric): Step =>
  (book) =>
    burn(book, units(amount), { type: 'ADJUSTED' });
export const until =
  (count: number): Step =>
  (book) =>
    advance(book, day(count));
/** The end of a grant's entitlement becomes known, or none is known any more. */
export const entitled =
  (name: string, to: number | null): Step =>
  (book) => {
    const entitledUntil = to === null ? null : day(to);
    const lots = book.lots.map((lot) => (lot.grantId === name ? { ...lot, entitledUntil } : lot));
    return advance({ ...book, lots }, book.asOf);
  };
/** A grant gives credits of another meter from now on, or from a day at which nobody has looked since. */
export const leave =
  (name: string, count?: number): Step =>
  (book) =>
    retire(book, name, count === undefined ? book.asOf : day(count));
export const reserve =
  (id: string, amount: Numeric, to = 365): Step =>
  (book) =>
    hold(book, { id, units: units(amount), expiresAt: day(to) });
export const settle =
  (id: string, amount: Numeric): Step =>
  (book) =>
    commit(book, id, units(amount));
export const free =
  (id: string): Step =>
  (book) =>
    release(book, id);

/** `credited - consumed = balance`, and what else there is to say. */
export function show(book: Book): string {
  const { credited, consumed, balance, held, overage } = balanceOf(book);
  const text = `${formatUnits(credited)} - ${formatUnits(consumed)} = ${formatUnits(balance)}`;
  const more = [held > 0n && `held ${formatUnits(held)}`, overage > 0n && `overage ${formatUnits(overage)}`];
  return [text, ...more.filter(Boolean)].join(', ');
}

/** What was entered, summed up by what happened. */
export const ledger = (book: Book): string =>
  ['CREDITED', 'USED', 'EXPIRED', 'CARRIED', 'WITHDRAWN', 'ADJUSTED']
    .map(
      (type) => [type, sum(book.entries.filter((entry) => entry.type === type).map((entry) => entry.units))] as const,
    )
    .filter(([, total]) => total !== 0n)
    .map(([type, total]) => `${type.toLowerCase()} ${formatUnits(total)}`)
    .join(', ');

/** What every book must be, whatever has happened; null when it is. */
export function flaw(book: Book): string | null {
  const { entries, lots, balance, overage, used } = book;
  if (sum(entries.map((entry) => entry.units)) !== balance) return 'the balance is not the sum of its entries';
  if (overage < 0n) return 'the overage is below zero';
  if (overage !== -sum(entries.filter(({ lotId }) => lotId === null).map((entry) => entry.units)))
    return 'the overage is not the sum of its entries';
  if (used !== -sum(entries.filter(({ type }) => type === 'USED').map((entry) => entry.units)))
    return 'what was used is not the sum of its entries';
  for (const lot of lots) {
    if (lot.remaining < 0n || lot.used < 0n) return `${lot.id} is below zero`;
    if (lot.state !== 'OPEN' && lot.remaining !== 0n) return `${lot.id} is not in force and holds credits`;
    if (lot.state === 'OPEN' && lot.remaining !== (lot.amount > lot.used ? lot.amount - lot.used : 0n))
      return `${lot.id} holds something else than what was not used of it`;
    if (lot.remaining !== sum(entries.filter(({ lotId }) => lotId === lot.id).map((entry) => entry.units)))
      return `${lot.id} is not the sum of its entries`;
  }
  if (overage > 0n && lots.some(({ remaining }) => remaining > 0n)) return 'there is overage beside credits';
  if (entries.some(({ at }, index) => at < (entries[index - 1]?.at ?? at))) return 'entries go back in time';
  return null;
}

const sum = (numbers: readonly bigint[]): bigint => numbers.reduce((total, number) => total + number, 0n);
