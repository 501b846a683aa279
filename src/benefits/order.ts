import type { LoadedCustomer, LoadedGrant } from '../domain/grants/facts.ts';
import { sourceIdOf } from '../domain/grants/facts.ts';
import { periodOf } from '../domain/grants/reconcile.ts';
import type { Work } from '../domain/grants/work.ts';
import type { Kind, Order } from './kind.ts';

/** A grant as its kind sees it. */
export function orderOf(
  customer: LoadedCustomer,
  grant: LoadedGrant,
  kind: Pick<Kind, 'account'> | undefined,
  work: Work,
  now: Date,
): Order<Record<string, unknown>, Record<string, unknown> | null> {
  return {
    grant,
    source: { type: sourceType(grant), id: sourceIdOf(grant) },
    customer,
    benefit: grant.benefit,
    properties: grant.benefit.properties as Record<string, unknown>,
    account: accountFor(customer, kind),
    held: grant.held as Record<string, unknown> | null,
    period: periodOf(customer, grant),
    reason: work === 'reapply' || work === 'renew' ? work : 'deliver',
    now,
  };
}

/** The account that a kind gives to, as things stand. */
export const accountFor = (customer: LoadedCustomer, kind: Pick<Kind, 'account'> | undefined) =>
  customer.accounts.find(({ provider }) => provider === kind?.account) ?? null;

export const sourceType = (grant: {
  subscriptionId: string | null;
  orderId: string | null;
}): Order<unknown, unknown>['source']['type'] =>
  grant.subscriptionId ? 'subscription' : grant.orderId ? 'order' : 'manual';
