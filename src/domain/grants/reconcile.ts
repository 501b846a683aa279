import type { BenefitGrant } from '../../../prisma/generated/client/client.ts';
import { newId } from '../../lib/id.ts';
import { earliest } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import * as settlements from '../settlements.ts';
import * as subscriptions from '../subscriptions/expiry.ts';
import { isOpen, judge, type Verdict } from './entitlement.ts';
import { factsOf, type LoadedCustomer, type LoadedGrant, load } from './facts.ts';
import { tell } from './telling.ts';
import { isDue, isParked, missing, type Standing } from './work.ts';

/**
 * Writes down what a customer is entitled to now, and has the difference settled. Called by every verb that changes
 * a reason for entitlement, in its transaction, under the customer's lock.
 */
export async function reconcile(tx: Tx, customerId: string): Promise<void> {
  const customer = await compare(tx, customerId);
  const waiting = customer.grants.some((grant) => missing(grant, standingOf(customer, grant), tx.now) && isDue(grant, tx.now));
  if (waiting) await settlements.request(tx, customerId);
  else await tx.db.customer.update({ where: { id: customerId }, data: { settleAt: nextInstant(customer, tx.now) } });
}

/** The same without asking for settlement: what settlement itself begins with. Answers the customer as they now stand. */
export async function compare(tx: Tx, customerId: string): Promise<LoadedCustomer> {
  let customer = await load(tx, customerId);
  if (await subscriptions.expire(tx, customer.subscriptions)) customer = await load(tx, customerId);
  const verdicts = judge(factsOf(customer), tx.now);
  if (verdicts.length === 0) return customer;
  for (const verdict of verdicts) await write(tx, customer, verdict);
  return load(tx, customerId);
}

/** When time alone will next change something about this customer; null: never. */
export function nextInstant(customer: LoadedCustomer, now: Date): Date | null {
  return earliest([
    ...customer.grants.map((grant) => grant.entitledUntil).filter((until) => isOpen(until, now)),
    ...customer.grants
      .filter((grant) => missing(grant, standingOf(customer, grant), now) && !isParked(grant))
      .map((grant) => grant.retryAt ?? now),
    ...customer.subscriptions.filter((subscription) => subscription.cancelAtPeriodEnd).map((subscription) => subscription.endsAt),
  ]);
}

/** What a grant is held to: the benefit's version and the paid period of its source. */
export const standingOf = (customer: LoadedCustomer, grant: LoadedGrant): Standing => ({
  version: grant.benefit.version,
  period: periodOf(customer, grant)?.start ?? null,
});

export function periodOf(customer: LoadedCustomer, grant: LoadedGrant): { start: Date; end: Date | null } | null {
  const subscription = customer.subscriptions.find((candidate) => candidate.id === grant.subscriptionId);
  return subscription ? { start: subscription.currentPeriodStart, end: subscription.currentPeriodEnd } : null;
}

/** Whatever a grant was waiting for, a change of direction makes it moot. */
export const NO_ATTENTION = { attentionCode: null, attentionMessage: null, attentionActor: null, attempts: 0, retryAt: null } as const;

async function write(tx: Tx, customer: LoadedCustomer, verdict: Verdict): Promise<void> {
  if (verdict.is === 'promise') return promise(tx, customer, verdict);
  const before = customer.grants.find((grant) => grant.id === verdict.grantId);
  if (!before) return;
  const data =
    verdict.is === 'entitled'
      ? { position: verdict.position, entitledUntil: verdict.entitledUntil, endReason: null }
      : { entitledUntil: verdict.entitledUntil, endReason: verdict.endReason };
  const turned = isOpen(before.entitledUntil, tx.now) !== (verdict.is === 'entitled') || (verdict.is === 'entitled' && before.endReason !== null);
  const promisedAgain = verdict.is === 'entitled' && before.state === 'REVOKED' && !before.stoppedAt;
  const after = await tx.db.benefitGrant.update({
    where: { id: before.id },
    data: { ...data, ...(turned && NO_ATTENTION), ...(promisedAgain && { state: 'CREATED', revokedAt: null }), updatedAt: tx.now },
  });
  if (promisedAgain) tell(tx, 'benefit_grant.created', after, customer, before.benefit);
  else if (before.entitledUntil?.getTime() !== after.entitledUntil?.getTime()) {
    tell(tx, 'benefit_grant.updated', after, customer, before.benefit, ['entitledUntil']);
  }
}

async function promise(tx: Tx, customer: LoadedCustomer, verdict: Verdict & { is: 'promise' }): Promise<void> {
  const { sourceId, benefitId, position, entitledUntil } = verdict;
  const benefit = await tx.db.benefit.findUniqueOrThrow({ where: { id: benefitId } });
  const grant: BenefitGrant = await tx.db.benefitGrant.create({
    data: {
      id: newId('grant', tx.now),
      organizationId: customer.organizationId,
      customerId: customer.id,
      benefitId,
      ...sourceColumn(customer, sourceId),
      position,
      entitledUntil,
      createdAt: tx.now,
      updatedAt: tx.now,
    },
  });
  tell(tx, 'benefit_grant.created', grant, customer, benefit);
}

function sourceColumn(customer: LoadedCustomer, sourceId: string) {
  if (customer.subscriptions.some(({ id }) => id === sourceId)) return { subscriptionId: sourceId };
  if (customer.orders.some(({ id }) => id === sourceId)) return { orderId: sourceId };
  return { manualGrantId: sourceId };
}
