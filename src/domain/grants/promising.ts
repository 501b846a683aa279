import type { BenefitGrant } from '../../../prisma/generated/client/client.ts';
import { newId } from '../../lib/id.ts';
import { insert } from '../../platform/rows.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Verdict } from './entitlement.ts';
import type { LoadedCustomer } from './facts.ts';
import { tell } from './telling.ts';
import { NO_ATTENTION } from './writing.ts';

/** What a customer is entitled to and has no grant of yet. */
interface Promised {
  customer: LoadedCustomer;
  verdict: Verdict & { is: 'promise' };
}

/** Writes down what customers are promised, with a constant number of statements, and tells it. */
export async function promise(tx: Tx, promised: readonly Promised[]): Promise<void> {
  if (promised.length === 0) return;
  const benefitIds = [...new Set(promised.map(({ verdict }) => verdict.benefitId))];
  const benefits = await tx.db.benefit.findMany({ where: { id: { in: benefitIds } } });
  const made = promised.flatMap(({ customer, verdict }) => {
    const benefit = benefits.find(({ id }) => id === verdict.benefitId);
    return benefit ? [{ customer, benefit, grant: newGrant(tx, customer, verdict) }] : [];
  });
  await insert(
    tx.db,
    'BenefitGrant',
    made.map(({ grant }) => grant),
  );
  for (const { customer, benefit, grant } of made) {
    customer.grants.push({ ...grant, benefit });
    tell(tx, 'benefit_grant.created', grant, customer, benefit);
  }
}

function newGrant(tx: Tx, customer: LoadedCustomer, verdict: Promised['verdict']): BenefitGrant {
  const { sourceId, benefitId, position, entitledUntil } = verdict;
  return {
    id: newId('grant', tx.now),
    organizationId: customer.organizationId,
    customerId: customer.id,
    benefitId,
    ...sourceColumn(customer, sourceId),
    position,
    entitledUntil,
    ...UNTOUCHED,
    createdAt: tx.now,
    updatedAt: tx.now,
  };
}

const UNTOUCHED = {
  state: 'CREATED',
  endReason: null,
  stoppedAt: null,
  stopReason: null,
  grantedAt: null,
  revokedAt: null,
  fulfilledAt: null,
  held: null,
  appliedVersion: 0,
  appliedPeriod: null,
  ...NO_ATTENTION,
} as const;

function sourceColumn(customer: LoadedCustomer, sourceId: string) {
  const none = { subscriptionId: null, orderId: null, manualGrantId: null };
  if (customer.subscriptions.some(({ id }) => id === sourceId)) return { ...none, subscriptionId: sourceId };
  if (customer.orders.some(({ id }) => id === sourceId)) return { ...none, orderId: sourceId };
  return { ...none, manualGrantId: sourceId };
}
