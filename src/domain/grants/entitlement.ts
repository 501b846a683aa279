import type { GrantEnd, RefundStatus, SubscriptionStatus } from '../../../prisma/generated/client/client.ts';
import { after, DAY_MS, earliest } from '../../lib/time.ts';

/** All that decides what one customer is entitled to. */
export interface Facts {
  graceDays: number;
  subscriptions: readonly SubscriptionFacts[];
  orders: readonly OrderFacts[];
  manualGrants: readonly ManualGrantFacts[];
  grants: readonly GrantFacts[];
}

export interface SubscriptionFacts {
  id: string;
  status: SubscriptionStatus;
  cancelAtPeriodEnd: boolean;
  currentPeriodStart: Date;
  endsAt: Date | null;
  pastDueAt: Date | null;
  refunds: readonly RefundFacts[];
  /** In the order of the product. */
  benefitIds: readonly string[];
}

export interface OrderFacts {
  id: string;
  refunds: readonly RefundFacts[];
  benefitIds: readonly string[];
  keepForBuyers: boolean;
}

export interface RefundFacts {
  status: RefundStatus;
  revokeBenefits: boolean;
  periodStart: Date | null;
  /** When it was last reported: what it withdraws ends then. */
  updatedAt: Date;
}

export interface ManualGrantFacts {
  id: string;
  benefitId: string;
  expiresAt: Date | null;
}

export interface GrantFacts {
  id: string;
  benefitId: string;
  sourceId: string;
  position: number;
  benefitDeleted: boolean;
  entitledUntil: Date | null;
  endReason: GrantEnd | null;
}

/** What should stand: a new grant, or new facts on one that exists. */
export type Verdict =
  | { is: 'promise'; sourceId: string; benefitId: string; position: number; entitledUntil: Date | null }
  | { is: 'entitled'; grantId: string; position: number; entitledUntil: Date | null }
  | { is: 'ended'; grantId: string; entitledUntil: Date; endReason: GrantEnd };

/**
 * Compares what a customer's subscriptions, orders and manual grants entitle them to with the grants they have, and
 * answers what must change; nothing when all is as it should be. Cancellation, refund, plan change, product edit,
 * expiry and repair are all this one comparison.
 */
export function judge(facts: Facts, now: Date): Verdict[] {
  const verdicts: Verdict[] = [];
  /** Grants whose source has spoken about them. */
  const judged = new Set<GrantFacts>();
  for (const { sourceId, until, benefitIds } of sources(facts, now)) {
    const held = facts.grants.filter((grant) => grant.sourceId === sourceId);
    for (const [position, benefitId] of benefitIds.entries()) {
      const grant = held.find((candidate) => candidate.benefitId === benefitId);
      if (grant) judged.add(grant);
      if (!isOpen(until, now)) continue;
      if (!grant) verdicts.push({ is: 'promise', sourceId, benefitId, position, entitledUntil: until });
      else if (grant.endReason || !sameInstant(grant.entitledUntil, until) || grant.position !== position) {
        verdicts.push({ is: 'entitled', grantId: grant.id, position, entitledUntil: until });
      }
    }
    if (isOpen(until, now)) continue;
    for (const grant of held) {
      judged.add(grant);
      verdicts.push(...end(grant, until, 'SOURCE_ENDED', now));
    }
  }
  for (const grant of facts.grants) {
    if (!judged.has(grant))
      verdicts.push(...end(grant, now, grant.benefitDeleted ? 'BENEFIT_DELETED' : 'OFF_PRODUCT', now));
  }
  return verdicts;
}

/** Whether entitlement that ends at `until` stands at `now`; the end itself is exclusive. */
export const isOpen = (until: Date | null, now: Date): boolean => until === null || until > now;

interface Source {
  sourceId: string;
  /** Null: no end is known. In the past: it has ended then. */
  until: Date | null;
  benefitIds: readonly string[];
}

function sources(facts: Facts, now: Date): Source[] {
  return [
    ...facts.subscriptions.map((subscription) => ({
      sourceId: subscription.id,
      until: subscriptionUntil(subscription, facts.graceDays, now),
      benefitIds: subscription.benefitIds,
    })),
    ...facts.orders.map((order) => ({
      sourceId: order.id,
      until: earliest(order.refunds.filter(withdraws).map((refund) => refund.updatedAt)),
      benefitIds: [...order.benefitIds, ...keptByBuyer(order, facts.grants)],
    })),
    ...facts.manualGrants.map((manual) => ({
      sourceId: manual.id,
      until: manual.expiresAt,
      benefitIds: livingBenefit(manual, facts.grants),
    })),
  ];
}

function subscriptionUntil(subscription: SubscriptionFacts, graceDays: number, now: Date): Date | null {
  const { status, cancelAtPeriodEnd, endsAt, pastDueAt, currentPeriodStart } = subscription;
  const ending = cancelAtPeriodEnd ? endsAt : null;
  const refundedAt = subscription.refunds
    .filter((refund) => withdraws(refund) && sameInstant(refund.periodStart, currentPeriodStart))
    .map((refund) => refund.updatedAt);
  switch (status) {
    case 'TRIALING':
    case 'ACTIVE':
      return earliest([ending, ...refundedAt]);
    case 'PAST_DUE':
      return earliest([after(pastDueAt ?? now, graceDays * DAY_MS), ending, ...refundedAt]);
    case 'CANCELED':
    case 'REVOKED':
      return earliest([endsAt ?? now, ...refundedAt]);
    case 'INCOMPLETE':
    case 'UNPAID':
    case 'PAUSED':
      return now;
  }
}

const withdraws = (refund: RefundFacts): boolean => refund.status === 'SUCCEEDED' && refund.revokeBenefits;

/** Benefits that left the product while a one-time buyer had them, in the order they had. */
function keptByBuyer(order: OrderFacts, grants: readonly GrantFacts[]): string[] {
  if (!order.keepForBuyers) return [];
  return grants
    .filter((grant) => grant.sourceId === order.id && !order.benefitIds.includes(grant.benefitId))
    .filter((grant) => !grant.benefitDeleted && grant.endReason !== 'OFF_PRODUCT')
    .sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1))
    .map((grant) => grant.benefitId);
}

const livingBenefit = (manual: ManualGrantFacts, grants: readonly GrantFacts[]): string[] =>
  grants.some((grant) => grant.sourceId === manual.id && grant.benefitDeleted) ? [] : [manual.benefitId];

/** What has ended stays as it was written; the instant does not move with every look. */
function end(grant: GrantFacts, until: Date | null, endReason: GrantEnd, now: Date): Verdict[] {
  if (grant.endReason && !isOpen(grant.entitledUntil, now)) return [];
  const entitledUntil = until && until < now ? until : now;
  return [{ is: 'ended', grantId: grant.id, entitledUntil, endReason }];
}

const sameInstant = (a: Date | null, b: Date | null): boolean => a?.getTime() === b?.getTime();
