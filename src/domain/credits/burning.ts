import type { CreditCause } from '../../../prisma/generated/client/client.ts';
import { smaller, type Units } from '../../lib/units.ts';
import { type Book, endOf, heldOf, type Lot, post } from './book.ts';

/** Why credits are taken. */
export interface Taking {
  type: 'USED' | 'ADJUSTED';
  cause?: CreditCause | null;
  note?: string | null;
}

/** Takes units from the lots in force, in their order; what they do not hold becomes overage. */
export function burn(book: Book, units: Units, taking: Taking): Book {
  let after = book;
  let left = units;
  for (const lot of burnOrder(book.lots)) {
    if (left === 0n) return after;
    const taken = smaller(left, lot.remaining);
    left -= taken;
    after = post(after, { ...taking, units: -taken, lot: { ...lot, used: lot.used + taken } });
    if (taken === lot.remaining) after = retireSpent(after, lot.id);
  }
  return left === 0n ? after : post(after, { ...taking, units: -left, lot: null });
}

/** What may be spent: what is not set aside. Below zero where there is overage. */
export const availableOf = (book: Book): Units => book.balance - heldOf(book);

/** Priority, soonest end, oldest, id. */
export const burnOrder = (lots: readonly Lot[]): Lot[] =>
  lots
    .filter(({ state, remaining }) => state === 'OPEN' && remaining > 0n)
    .sort(
      (a, b) =>
        a.priority - b.priority ||
        timeOf(endOf(a)) - timeOf(endOf(b)) ||
        a.effectiveAt.getTime() - b.effectiveAt.getTime() ||
        (a.id < b.id ? -1 : 1),
    );

/** No end comes after every end, and two of them at the same time. */
const timeOf = (end: Date | null): number => end?.getTime() ?? Number.MAX_SAFE_INTEGER;

/** A lot that is used up, that nothing ends and nobody takes back, is only a number from now on. */
export function retireSpent(book: Book, lotId: string): Book {
  const lot = book.lots.find(({ id }) => id === lotId);
  if (!lot || lot.state !== 'OPEN' || lot.remaining > 0n || lot.grantId || lot.expiresAt) return book;
  const lots = book.lots.map((other) => (other === lot ? { ...lot, state: 'SPENT' as const } : other));
  return { ...book, lots, spent: book.spent + lot.amount };
}
