import DataLoader from 'dataloader';
import type { Benefit, BenefitGrant, Customer } from '../../../prisma/generated/client/client.ts';
import type { Kind, Order } from '../../benefits/kind.ts';
import { sourceType } from '../../benefits/order.ts';
import { sourceIdOf } from '../../domain/grants/facts.ts';
import type { Context } from '../context.ts';

type Json = Record<string, unknown>;

/** What a grant of this kind holds; all that are asked for at the same time are read at once. */
export function loadDelivery(context: Context, kind: Kind, grant: BenefitGrant): Promise<Json> {
  const { loaders, database } = context;
  const loader = loaders.once(`deliveries ${kind.type}`, () => {
    const read = async (grants: readonly BenefitGrant[]) => {
      const orders = await Promise.all(grants.map((one) => loadOrder(context, one)));
      return kind.deliveries(database, orders as Order<Json, Json>[]);
    };
    return new DataLoader(read, { cacheKeyFn: ({ id }: BenefitGrant) => id });
  });
  return loader.load(grant);
}

/** A grant as its kind sees it. */
export async function loadOrder({ loaders, clock }: Context, grant: BenefitGrant): Promise<Order<Json, Json | null>> {
  const [benefit, customer, subscription] = await Promise.all([
    loaders.row('Benefit', grant.benefitId),
    loaders.row('Customer', grant.customerId),
    grant.subscriptionId ? loaders.row('Subscription', grant.subscriptionId) : null,
  ]);
  return {
    grant,
    source: { type: sourceType(grant), id: sourceIdOf(grant) },
    customer: customer as Customer,
    benefit: benefit as Benefit,
    properties: benefit?.properties as Json,
    held: grant.held as Json | null,
    period: subscription && { start: subscription.currentPeriodStart, end: subscription.currentPeriodEnd },
    reason: 'deliver',
    now: clock(),
  };
}
