import { DAY_MS } from '../../lib/time.ts';
import { type Json, lower } from './names.ts';

/** Where no end is known, for consumers that cannot do without one. */
const NO_END = '9999-12-31T23:59:59.999Z';
/** Longer than the longest period of each interval, and shorter than the next one's. */
const INTERVALS = [
  ['day', 2],
  ['week', 10],
  ['month', 45],
] as const;

/** A subscription. What it costs is the billing system's business, and not known here. */
export function subscriptionOf(subscription: Json): Json {
  const { currentPeriodStart, currentPeriodEnd, trialEndsAt } = subscription;
  return {
    id: subscription.id,
    created_at: subscription.createdAt,
    modified_at: subscription.updatedAt,
    metadata: {},
    external_id: subscription.externalId,
    organization_id: subscription.organizationId,
    customer_id: subscription.customerId,
    product_id: subscription.productId,
    status: lower(subscription.status),
    amount: 0,
    currency: 'usd',
    recurring_interval: intervalOf(currentPeriodStart, currentPeriodEnd),
    current_period_start: currentPeriodStart,
    current_period_end: currentPeriodEnd ?? NO_END,
    trial_start: trialEndsAt ? subscription.createdAt : null,
    trial_end: trialEndsAt,
    cancel_at_period_end: subscription.cancelAtPeriodEnd,
    canceled_at: subscription.canceledAt,
    started_at: subscription.createdAt,
    ends_at: subscription.endsAt,
    past_due_at: subscription.pastDueAt,
    discount_id: null,
    meters: [],
  };
}

function intervalOf(start: unknown, end: unknown): string {
  if (!end) return 'month';
  const days = (Date.parse(String(end)) - Date.parse(String(start))) / DAY_MS;
  return INTERVALS.find(([, limit]) => days < limit)?.[0] ?? 'year';
}
