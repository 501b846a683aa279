import type { Subscription } from '../../prisma/generated/client/client.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import { balancesOf } from './credits/reading.ts';
import { snapshot } from './customers.ts';
import type { LoadedCustomer, LoadedGrant } from './grants/facts.ts';

const changed = new WeakMap<Tx, Map<string, LoadedCustomer>>();

/**
 * Tells what a customer has, as it is when the transaction commits: once, however much of it changes in there. It is
 * read from the customer at hand, which whoever changes something keeps up to date.
 */
export function tell(tx: Tx, customer: LoadedCustomer): void {
  const people = changed.get(tx) ?? new Map<string, LoadedCustomer>();
  changed.set(tx, people.set(customer.id, customer));
  tx.beforeCommit('customer states', () => tellAll(tx), 'last');
}

async function tellAll(tx: Tx): Promise<void> {
  const people = [...(changed.get(tx)?.values() ?? [])];
  changed.delete(tx);
  const balances = await balancesOf(
    tx,
    people.map(({ id }) => id),
  );
  for (const customer of people) {
    const { id, organizationId } = customer;
    const data = {
      customer: snapshot(customer),
      subscriptions: customer.subscriptions.filter(isActive).map(plainSubscription),
      grants: customer.grants.filter(({ state }) => state === 'ACTIVE').map(plainGrant),
      meters: balances.get(id) ?? [],
    };
    tx.append({ organizationId, type: 'customer.state_changed', customerId: id, subjectId: id, data });
  }
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
