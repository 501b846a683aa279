import type { Units } from '../../lib/units.ts';
import { type Book, changeLot, type Lot, post } from './book.ts';
import { advance, takeOver, upTo, withdraw } from './passing.ts';

/** What a grant gives in its present period. */
export interface Pledge {
  grantId: string;
  /** Names the grant and its period: what is given for it is given once. */
  key: string;
  family: string | null;
  period: { start: Date; end: Date | null } | null;
  units: Units;
  priority: number;
  /** Null: nothing is carried over; `most` null: everything is. */
  rollover: { most: Units | null } | null;
  entitledUntil: Date | null;
}

/**
 * Gives what a grant pledges, once per period, however often it is asked. A new period ends what the last one gave and
 * carries over what that leaves. In a period that is known, changed units replace the old ones: what was used stays used.
 */
export function keep(book: Book, pledge: Pledge, now: Date, newLotId: () => string): Book {
  const opened = endEarlier(advance(book, now), pledge);
  const given = opened.lots.find(({ key }) => key === pledge.key);
  return advance(given ? revise(opened, given, pledge) : give(opened, pledge, newLotId), now);
}

/** Takes everything a grant gave out of force, until it pledges credits of this meter again. */
export function retire(book: Book, grantId: string, now: Date): Book {
  const today = advance(book, now);
  return ofGrant(today, grantId).reduce((after, lot) => {
    if (lot.state === 'OPEN') return withdraw(after, lot, 'RETIRED');
    return isOver(lot) ? after : changeLot(after, { ...lot, state: 'RETIRED' });
  }, today);
}

function give(book: Book, pledge: Pledge, newLotId: () => string): Book {
  const { grantId, key, family, period, units, priority, rollover, entitledUntil } = pledge;
  const lot: Lot = {
    id: '',
    key,
    source: 'GRANT',
    state: 'PENDING',
    grantId,
    family,
    periodStart: period?.start ?? null,
    amount: units,
    used: 0n,
    remaining: 0n,
    lost: 0n,
    carries: [],
    carriesMost: null,
    replaces: [],
    priority,
    effectiveAt: beginning(pledge, book.asOf),
    expiresAt: period?.end ?? null,
    entitledUntil,
    note: null,
  };
  const last = rollover ? lastOf(book, pledge) : [];
  const carried = rollover && {
    ...lot,
    id: newLotId(),
    key: `${key} rollover`,
    source: 'ROLLOVER' as const,
    amount: upTo(
      rollover.most,
      last.reduce((sum, { lost }) => sum + lost, 0n),
    ),
    carries: last.map(({ id }) => id),
    carriesMost: rollover.most,
  };
  const lots = carried && last.length > 0 ? [carried, lot] : [lot];
  return { ...book, lots: [...book.lots, ...lots.map((given) => ({ ...given, id: given.id || newLotId() }))] };
}

/** The lots of the period before, whose rest is carried over. */
function lastOf(book: Book, { grantId, period }: Pledge): Lot[] {
  const earlier = ofGrant(book, grantId).filter(
    ({ periodStart }) => periodStart && period && periodStart < period.start,
  );
  const newest = Math.max(...earlier.map(({ periodStart }) => Number(periodStart)));
  return earlier.filter(({ periodStart }) => Number(periodStart) === newest);
}

/** A new period begins when it is told of, at the earliest, and what came before ends then at the latest. */
function endEarlier(book: Book, pledge: Pledge): Book {
  const start = beginning(pledge, book.asOf);
  return ofGrant(book, pledge.grantId).reduce((after, lot) => {
    if (Number(lot.periodStart) >= Number(pledge.period?.start ?? null) || isOver(lot)) return after;
    if (lot.state === 'PENDING') return changeLot(after, { ...lot, state: 'ENDED' });
    return !lot.expiresAt || lot.expiresAt > start ? changeLot(after, { ...lot, expiresAt: start }) : after;
  }, book);
}

/** What was given for this period already, as the benefit says by now. */
function revise(book: Book, given: Lot, { key, units, priority }: Pledge): Book {
  const carried = book.lots.find((lot) => lot.key === `${key} rollover`);
  return [given, carried].reduce((after, lot) => {
    if (!lot || isOver(lot)) return after;
    const state = lot.state === 'RETIRED' ? ('WITHDRAWN' as const) : lot.state;
    const revised = changeLot(after, { ...lot, state, priority });
    return lot === given ? resize(revised, given.id, units) : revised;
  }, book);
}

function resize(book: Book, lotId: string, amount: Units): Book {
  const lot = book.lots.find(({ id }) => id === lotId) as Lot;
  if (lot.state !== 'OPEN') return changeLot(book, { ...lot, amount });
  const units = (amount > lot.used ? amount - lot.used : 0n) - lot.remaining;
  const after = post(book, { type: units > 0n ? 'CREDITED' : 'WITHDRAWN', units, lot: { ...lot, amount } });
  return units > 0n ? takeOver(after, lotId) : after;
}

const beginning = ({ period }: Pledge, now: Date): Date => (period && period.start > now ? period.start : now);

const ofGrant = (book: Book, grantId: string): Lot[] => book.lots.filter((lot) => lot.grantId === grantId);

const isOver = ({ state }: Lot): boolean => state === 'ENDED' || state === 'SPENT';
