import { newId } from '../../lib/id.ts';
import { wholeUnits } from '../../lib/units.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { isOpen } from '../grants/entitlement.ts';
import { open, openOne, save } from './accounts.ts';
import type { Account, Book, Named } from './book.ts';
import { advance } from './passing.ts';
import { keep, type Pledge, retire } from './pledges.ts';
import { lotOf } from './rows.ts';

/** What a benefit promises a customer, and where it comes from. */
export interface Promised extends Named {
  grantId: string;
  /** Null where the source is no subscription. */
  subscriptionId: string | null;
  period: { start: Date; end: Date | null } | null;
  /** Whether a new period began, and nothing else. */
  isRenewal: boolean;
  units: number;
  priority: number;
  rollover: { max?: number | null } | null;
}

/** A lot of this period and one that was carried over, and the same of the period before. */
const LOTS_OF_TWO_PERIODS = 4;

/**
 * Gives the credits of a grant's present period, once, under the customer's lock: a new period carries over what the
 * last one left, a changed promise replaces the old one. Answers the balance they are in; null where the meter is archived
 * and takes no new credits.
 */
export async function give(tx: Tx, promised: Promised): Promise<{ balanceId: string } | null> {
  const { grantId, period } = promised;
  await leaveOthers(tx, promised);
  const account = await openOne(tx, promised);
  const grant = await tx.db.benefitGrant.findUniqueOrThrow({ where: { id: grantId } });
  const meter = await tx.db.meter.findUniqueOrThrow({ where: { id: promised.meterId } });
  const ended = await endedLots(tx, account.id, grantId);
  account.written = { ...account.written, lots: [...account.written.lots, ...ended] };
  const pledgeFor = (period: Promised['period']) => pledgeOf(promised, period, grant.entitledUntil);
  const pledge = pledgeFor(period);
  if (meter.archivedAt && !account.written.lots.some(({ key }) => key === pledge.key)) return null;
  // A renewal that is told when its period is over brings what is carried on; whatever else comes then comes too late.
  const isTooLate = !promised.isRenewal && period?.end != null && period.end <= tx.now;
  const pledges = isTooLate ? [] : [...runningPeriods(account.written, promised, tx.now).map(pledgeFor), pledge];
  account.book = pledges.reduce(
    (book, each) => keep(book, each, tx.now, () => newId('creditLot', tx.now)),
    advance(account.written, tx.now),
  );
  await save(tx, [account]);
  return { balanceId: account.id };
}

function pledgeOf(promised: Promised, period: Promised['period'], entitledUntil: Date | null): Pledge {
  const { grantId, meterId, subscriptionId, units, priority, rollover } = promised;
  const start = period?.start.toISOString() ?? 'once';
  return {
    grantId,
    key: `${grantId} ${meterId} ${start}`,
    family: subscriptionId && familyOf(subscriptionId, start),
    period,
    units: wholeUnits(units),
    priority,
    rollover: rollover && { most: rollover.max == null ? null : wholeUnits(rollover.max) },
    entitledUntil,
  };
}

/** A renewal that is told early leaves the period before it running: what changes meanwhile changes in both. */
function runningPeriods({ lots }: Book, { subscriptionId, period }: Promised, now: Date): { start: Date; end: Date }[] {
  if (!subscriptionId || !period || period.start <= now) return [];
  const running = lots.find(
    ({ family, periodStart, expiresAt }) =>
      family?.startsWith(familyOf(subscriptionId, '')) && periodStart && periodStart <= now && isOpen(expiresAt, now),
  );
  return running?.periodStart && running.expiresAt ? [{ start: running.periodStart, end: running.expiresAt }] : [];
}

const familyOf = (subscriptionId: string, start: string): string => `${subscriptionId} ${start}`;

/** Takes back what is left of what a grant gave: it is no longer entitled, and time does the rest. */
export async function takeBack(tx: Tx, grantId: string): Promise<void> {
  const accounts = await accountsOf(tx, grantId);
  for (const account of accounts) account.book = advance(account.book, tx.now);
  await save(tx, accounts);
}

/** What was given of other meters is no longer promised. */
async function leaveOthers(tx: Tx, { grantId, meterId }: Promised): Promise<void> {
  const accounts = (await accountsOf(tx, grantId)).filter((account) => account.meterId !== meterId);
  for (const account of accounts) account.book = retire(account.book, grantId, tx.now);
  await save(tx, accounts);
}

async function accountsOf(tx: Tx, grantId: string): Promise<Account[]> {
  const named = await tx.db.creditBalance.findMany({
    where: { lots: { some: { grantId, state: { in: ['PENDING', 'OPEN', 'WITHDRAWN'] } } } },
    select: { customerId: true, meterId: true },
    orderBy: { id: 'asc' },
  });
  return named.length > 0 ? open(tx, named) : [];
}

/** The newest lots of a grant that are over: what they still held may have to be carried over. */
async function endedLots(tx: Tx, balanceId: string, grantId: string) {
  const rows = await tx.db.creditLot.findMany({
    where: { balanceId, grantId },
    orderBy: [{ periodStart: 'desc' }, { id: 'desc' }],
    take: LOTS_OF_TWO_PERIODS,
  });
  return rows
    .filter(({ state }) => state === 'ENDED' || state === 'SPENT')
    .map(({ amount, used, remaining, lost, carriesMost, ...row }) =>
      lotOf({
        ...row,
        amount: amount.toFixed(),
        used: used.toFixed(),
        remaining: remaining.toFixed(),
        lost: lost.toFixed(),
        carriesMost: carriesMost && carriesMost.toFixed(),
        entitledUntil: null,
      }),
    );
}
