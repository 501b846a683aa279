import type {
  Facts,
  GrantFacts,
  ManualGrantFacts,
  OrderFacts,
  RefundFacts,
  SubscriptionFacts,
} from '../../src/domain/grants/entitlement.ts';
import { DAY_MS } from '../../src/lib/time.ts';

/** The instant that tables of decisions are about. */
export const NOW = new Date('2026-03-15T12:00:00.000Z');

/** So many days after `NOW`, or before it. */
export const inDays = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS);

export const facts = (some: Partial<Facts>): Facts => ({
  graceDays: 0,
  subscriptions: [],
  orders: [],
  manualGrants: [],
  grants: [],
  ...some,
});

export const subscription = (some: Partial<SubscriptionFacts> = {}): SubscriptionFacts => ({
  id: 'sub',
  status: 'ACTIVE',
  cancelAtPeriodEnd: false,
  currentPeriodStart: inDays(-10),
  endsAt: null,
  pastDueAt: null,
  refunds: [],
  benefitIds: ['a'],
  ...some,
});

export const order = (some: Partial<OrderFacts> = {}): OrderFacts => ({
  id: 'ord',
  refunds: [],
  benefitIds: ['a'],
  keepForBuyers: false,
  ...some,
});

export const manual = (some: Partial<ManualGrantFacts> = {}): ManualGrantFacts => ({
  id: 'man',
  benefitId: 'a',
  expiresAt: null,
  ...some,
});

export const refund = (some: Partial<RefundFacts> = {}): RefundFacts => ({
  status: 'SUCCEEDED',
  revokeBenefits: true,
  periodStart: null,
  updatedAt: inDays(-1),
  ...some,
});

/** A grant of the subscription that stands as it should. */
export const grant = (some: Partial<GrantFacts> = {}): GrantFacts => ({
  id: `${some.sourceId ?? 'sub'}:${some.benefitId ?? 'a'}`,
  benefitId: 'a',
  sourceId: 'sub',
  position: 0,
  benefitDeleted: false,
  entitledUntil: null,
  endReason: null,
  ...some,
});
