import type { Subscription, SubscriptionStatus } from '../../../prisma/generated/client/client.ts';
import { ConflictError, InvalidInputError } from '../../lib/errors.ts';
import { after, MINUTE_MS } from '../../lib/time.ts';

/** What changes about a subscription; null: nothing, and that is no mistake. */
export type Change = Partial<Subscription> | null;

/** What a billing system may report. Cancellation and revocation are verbs of their own. */
export type ReportedStatus = Exclude<SubscriptionStatus, 'CANCELED' | 'REVOKED'>;

const CLOCK_DRIFT_MS = 5 * MINUTE_MS;

export function cancel(subscription: Subscription, atPeriodEnd: boolean, now: Date): Change {
  if (isOver(subscription, now)) return null;
  if (!atPeriodEnd) return { status: 'CANCELED', cancelAtPeriodEnd: false, canceledAt: now, endsAt: now };
  if (subscription.cancelAtPeriodEnd) return null;
  const endsAt = subscription.currentPeriodEnd;
  if (!endsAt) throw new ConflictError('The subscription has no period that ends; cancel it at once.', ['atPeriodEnd']);
  if (endsAt <= now) return { status: 'CANCELED', canceledAt: now, endsAt: now };
  return { cancelAtPeriodEnd: true, canceledAt: now, endsAt };
}

export function uncancel(subscription: Subscription, now: Date): Change {
  refuseOver(subscription, now);
  return subscription.cancelAtPeriodEnd ? { cancelAtPeriodEnd: false, canceledAt: null, endsAt: null } : null;
}

export function revoke(subscription: Subscription, now: Date): Change {
  if (subscription.status === 'REVOKED') return null;
  const endsAt = isOver(subscription, now) ? (subscription.endsAt ?? now) : now;
  return { status: 'REVOKED', cancelAtPeriodEnd: false, canceledAt: subscription.canceledAt ?? now, endsAt };
}

/** What time itself has done: a cancellation whose period has ended. */
export function expire(subscription: Subscription, now: Date): Change {
  return !isFinal(subscription) && isOver(subscription, now) ? { status: 'CANCELED', cancelAtPeriodEnd: false } : null;
}

export function changeProduct(subscription: Subscription, productId: string, now: Date): Change {
  refuseOver(subscription, now);
  return subscription.productId === productId ? null : { productId };
}

export interface Report {
  status: ReportedStatus;
  pastDueAt?: Date | null;
  occurredAt?: Date | null;
}

/** Reports may come late, twice and out of order; the newest one stands. */
export function report(subscription: Subscription, { status, pastDueAt, occurredAt }: Report, now: Date): Change {
  // Whoever does not say when means now, which comes after all that is known, whatever other clocks have said.
  const reportedAt = occurredAt ?? latest(now, subscription.reportedAt);
  for (const [name, date] of Object.entries({ occurredAt, pastDueAt })) {
    if (date && date > after(now, CLOCK_DRIFT_MS)) throw new InvalidInputError('It lies in the future.', [name]);
  }
  if (isOver(subscription, now)) return null;
  if (subscription.reportedAt && reportedAt < subscription.reportedAt) return null;
  const standing = subscription.status === 'PAST_DUE' ? subscription.pastDueAt : null;
  const since = status === 'PAST_DUE' ? (pastDueAt ?? standing ?? occurredAt ?? now) : null;
  if (status === subscription.status && since?.getTime() === subscription.pastDueAt?.getTime()) {
    return reportedAt.getTime() === subscription.reportedAt?.getTime() ? null : { reportedAt };
  }
  return { status, pastDueAt: since, reportedAt };
}

const latest = (a: Date, b: Date | null): Date => (b && b > a ? b : a);

export interface Renewal {
  periodStart: Date;
  periodEnd: Date;
}

/** The next paid period. The same one twice, or one that is older, changes nothing. */
export function renew(subscription: Subscription, { periodStart, periodEnd }: Renewal, now: Date): Change {
  if (periodEnd <= periodStart) throw new InvalidInputError('It must lie after periodStart.', ['periodEnd']);
  if (periodStart <= subscription.currentPeriodStart) return null;
  refuseOver(subscription, now);
  const paidAt = periodStart < now ? periodStart : now;
  // Payment came after everything that was reported until now, so that none of it, told twice, undoes it.
  const reportedAt = latest(paidAt, subscription.reportedAt && after(subscription.reportedAt, 1));
  return {
    status: 'ACTIVE',
    pastDueAt: null,
    currentPeriodStart: periodStart,
    currentPeriodEnd: periodEnd,
    reportedAt,
    ...(subscription.cancelAtPeriodEnd && { endsAt: periodEnd }),
  };
}

const isFinal = ({ status }: Subscription): boolean => status === 'CANCELED' || status === 'REVOKED';

/** Also when the clock has passed the end and no job has written it down yet. */
const isOver = (subscription: Subscription, now: Date): boolean =>
  isFinal(subscription) ||
  (subscription.cancelAtPeriodEnd && subscription.endsAt !== null && subscription.endsAt <= now);

function refuseOver(subscription: Subscription, now: Date): void {
  if (isOver(subscription, now)) throw new ConflictError('The subscription is over; that is final.', ['id']);
}
