import { newId } from '../../lib/id.ts';
import { earliest } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import * as customerStates from '../customer-states.ts';
import * as settlements from '../settlements.ts';
import * as subscriptions from '../subscriptions/expiry.ts';
import { isOpen, judge, type Verdict } from './entitlement.ts';
import { factsOf, type LoadedCustomer, type LoadedGrant, load } from './facts.ts';
import { tell } from './telling.ts';
import { isDue, isParked, missing, type Standing } from './work.ts';

/**
 * Writes down what a customer is entitled to now, and has the difference settled. Called by every verb that changes
 * a reason for entitlement, in its transaction, under the customer's lock. Answers the customer as they now stand.
 */
export async function reconcile(tx: Tx, customerId: string): Promise<LoadedCustomer> {
  const customer = await compare(tx, customerId);
  const waiting = customer.grants.some(
    (grant) => missing(grant, standingOf(customer, grant), tx.now) && isDue(grant, tx.now),
  );
  if (waiting) await settlements.request(tx, customerId);
  else await tx.db.customer.update({ where: { id: customerId }, data: { settleAt: nextInstant(customer, tx.now) } });
  return customer;
}

/** The same without asking for settlement: what settlement itself begins with. Answers the customer as they now stand. */
export async function compare(tx: Tx, customerId: string): Promise<LoadedCustomer> {
  let customer = await load(tx, customerId);
  if (await subscriptions.expire(tx, customer.subscriptions)) {
    customer = await load(tx, customerId);
    customerStates.tell(tx, customer);
  }
  const verdicts = judge(factsOf(customer), tx.now);
  const promises = verdicts.filter((verdict) => verdict.is === 'promise');
  for (const verdict of verdicts) if (verdict.is !== 'promise') await change(tx, customer, verdict);
  if (promises.length > 0) await promise(tx, customer, promises);
  return customer;
}

/** When time alone will next change something about this customer; null: never. */
export function nextInstant(customer: LoadedCustomer, now: Date): Date | null {
  return earliest([
    ...customer.grants.map((grant) => grant.entitledUntil).filter((until) => isOpen(until, now)),
    ...customer.grants
      .filter((grant) => missing(grant, standingOf(customer, grant), now) && !isParked(grant))
      .map((grant) => grant.retryAt ?? now),
    ...customer.subscriptions
      .filter((subscription) => subscription.cancelAtPeriodEnd)
      .map((subscription) => subscription.endsAt),
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
export const NO_ATTENTION = {
  attentionCode: null,
  attentionMessage: null,
  attentionActor: null,
  attempts: 0,
  retryAt: null,
} as const;

async function change(tx: Tx, customer: LoadedCustomer, verdict: Exclude<Verdict, { is: 'promise' }>): Promise<void> {
  const grant = customer.grants.find((candidate) => candidate.id === verdict.grantId);
  if (!grant) return;
  const before = grant.entitledUntil;
  const data =
    verdict.is === 'entitled'
      ? { position: verdict.position, entitledUntil: verdict.entitledUntil, endReason: null }
      : { entitledUntil: verdict.entitledUntil, endReason: verdict.endReason };
  const turned = (grant.endReason === null) !== (verdict.is === 'entitled');
  const promisedAgain = verdict.is === 'entitled' && grant.state === 'REVOKED' && !grant.stoppedAt;
  const after = await tx.db.benefitGrant.update({
    where: { id: grant.id },
    data: {
      ...data,
      ...(turned && NO_ATTENTION),
      ...(promisedAgain && { state: 'CREATED', revokedAt: null }),
      updatedAt: tx.now,
    },
  });
  Object.assign(grant, after);
  if (promisedAgain) tell(tx, 'benefit_grant.created', grant, customer, grant.benefit);
  else if (before?.getTime() !== after.entitledUntil?.getTime()) {
    tell(tx, 'benefit_grant.updated', grant, customer, grant.benefit, ['entitledUntil']);
  }
}

async function promise(
  tx: Tx,
  customer: LoadedCustomer,
  verdicts: readonly (Verdict & { is: 'promise' })[],
): Promise<void> {
  const benefits = await tx.db.benefit.findMany({ where: { id: { in: verdicts.map(({ benefitId }) => benefitId) } } });
  const rows = verdicts.map(({ sourceId, benefitId, position, entitledUntil }) => ({
    id: newId('grant', tx.now),
    organizationId: customer.organizationId,
    customerId: customer.id,
    benefitId,
    ...sourceColumn(customer, sourceId),
    position,
    entitledUntil,
    createdAt: tx.now,
    updatedAt: tx.now,
  }));
  for (const grant of await tx.db.benefitGrant.createManyAndReturn({ data: rows })) {
    const benefit = benefits.find((candidate) => candidate.id === grant.benefitId);
    if (!benefit) continue;
    customer.grants.push({ ...grant, benefit });
    tell(tx, 'benefit_grant.created', grant, customer, benefit);
  }
}

function sourceColumn(customer: LoadedCustomer, sourceId: string) {
  const none = { subscriptionId: null, orderId: null, manualGrantId: null };
  if (customer.subscriptions.some(({ id }) => id === sourceId)) return { ...none, subscriptionId: sourceId };
  if (customer.orders.some(({ id }) => id === sourceId)) return { ...none, orderId: sourceId };
  return { ...none, manualGrantId: sourceId };
}
