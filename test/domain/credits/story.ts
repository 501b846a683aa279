import { type Book, emptyBook, type Lot } from '../../../src/domain/credits/book.ts';
import { burn } from '../../../src/domain/credits/burning.ts';
import { advance } from '../../../src/domain/credits/passing.ts';
import { keep, type Pledge } from '../../../src/domain/credits/pledges.ts';
import { formatUnits, parseUnits } from '../../../src/lib/units.ts';

/** Days of the year 2026, counted from 1 January, at midnight. */
export const day = (count: number): Date => new Date(Date.UTC(2026, 0, 1 + count));

let lots = 0;
export const newLotId = (): string => `lot_${String(++lots).padStart(6, '0')}`;

type Numeric = number | string;

export const units = (number: Numeric): bigint => parseUnits(String(number));

/** A lot that was not given by a grant. */
export const topUp = (amount: Numeric, some: Partial<Lot> = {}): Lot => ({
  id: newLotId(),
  key: `top-up ${lots}`,
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
  priority: 0,
  effectiveAt: day(0),
  expiresAt: null,
  entitledUntil: null,
  note: null,
  ...some,
});

/** What a grant of a subscription gives from one day to another. */
export const pledge = (
  amount: Numeric,
  [from, to]: [number, number | null],
  {
    grant = 'a',
    ...some
  }: Partial<Omit<Pledge, 'rollover'>> & { grant?: string; rollover?: Numeric | 'all' | null } = {},
): Pledge => ({
  grantId: grant,
  key: `${grant} ${from}`,
  family: `sub ${from}`,
  period: { start: day(from), end: to === null ? null : day(to) },
  units: units(amount),
  priority: 0,
  entitledUntil: null,
  ...some,
  rollover:
    some.rollover === undefined || some.rollover === null
      ? null
      : { most: some.rollover === 'all' ? null : units(some.rollover) },
});

export type Step = (book: Book) => Book;

export const open = (): Book => emptyBook(day(0));
export const credit =
  (lot: Lot): Step =>
  (book) =>
    advance({ ...book, lots: [...book.lots, lot] }, book.asOf);
export const use =
  (amount: Numeric): Step =>
  (book) =>
    burn(book, units(amount), { type: 'USED', cause: 'USAGE' });
export const until =
  (count: number): Step =>
  (book) =>
    advance(book, day(count));
export const grants =
  (given: Pledge): Step =>
  (book) =>
    keep(book, given, book.asOf, newLotId);
/** The entitlement of a grant ends, or is known to end, or to have no end. */
export const entitled =
  (grant: string, to: number | null): Step =>
  (book) => ({
    ...book,
    lots: book.lots.map((lot) =>
      lot.grantId === grant ? { ...lot, entitledUntil: to === null ? null : day(to) } : lot,
    ),
  });

/** `credited - consumed = balance`, and the overage in it. */
export const tell = (book: Book): string => {
  const sum = (type: string) =>
    book.entries.filter((entry) => entry.type === type).reduce((total, entry) => total + entry.units, 0n);
  return ['CREDITED', 'USED', 'EXPIRED', 'CARRIED', 'WITHDRAWN', 'ADJUSTED']
    .filter((type) => sum(type) !== 0n)
    .map((type) => `${type.toLowerCase()} ${formatUnits(sum(type))}`)
    .join(', ');
};
