import type { Subscription } from '../../prisma/generated/client/client.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import { balancesOf } from './credits/reading.ts';
import { snapshot } from './customers.ts';
import type { LoadedCustomer, LoadedGrant } from './grants/facts.ts';

/**
 * Tells what a customer has, as it is when the transaction commits: once, however much of it changes in there. It is
 * read from the customer at hand, which whoever changes something keeps up to date.
 */
export function tell(tx: Tx, customer: LoadedCustomer): void {
  const { id, organizationId } = customer;
  tx.beforeCommit(`state of ${id}`, async () => {
    const data = {
      customer: snapshot(customer),
      subscriptions: customer.subscriptions.filter(isActive).map(plainSubscription),
      grants: customer.grants.filter(({ state }) => state === 'ACTIVE').map(plainGrant),
      meters: await balancesOf(tx, id),
    };
    tx.append({ organizationId, type: 'customer.state_changed', customerId: id, subjectId: id, data });
  });
}

/** Whether a subscription is part of what a customer has. */
export const isActive = ({ status }: Pick<Subscription, 'status'>): boolean =>
  status === 'ACTIVE' || status === 'TRIALING';

/** Only its columns, whatever was loaded along with it. */
function plainSubscription(subscription: LoadedCustomer['subscriptions'][number]): Subscription {
  const { product: _, refunds: __, ...columns } = subscription;
  return columns;
}

const plainGrant = ({ id, createdAt, updatedAt, grantedAt, benefitId, held, benefit }: LoadedGrant) => ({
  id,
  createdAt,
  updatedAt,
  grantedAt,
  benefitId,
  held,
  benefit: { type: benefit.type, metadata: benefit.metadata },
});
