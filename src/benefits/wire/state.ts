import type { Kind } from '../kind.ts';
import { customerOf } from './customer.ts';
import { heldBy } from './grant.ts';
import type { Json } from './names.ts';
import { subscriptionOf } from './subscription.ts';

/** A customer with what they have. */
export function stateOf(kinds: readonly Kind[], data: Json): Json {
  const { customer, subscriptions, grants } = data as { customer: Json; subscriptions: Json[]; grants: Grant[] };
  return {
    ...customerOf(customer),
    active_subscriptions: subscriptions.map(subscriptionOf),
    granted_benefits: grants.map(({ benefit, ...grant }) => ({
      id: grant.id,
      created_at: grant.createdAt,
      modified_at: grant.updatedAt,
      granted_at: grant.grantedAt,
      benefit_id: grant.benefitId,
      benefit_type: benefit.type,
      benefit_metadata: benefit.metadata,
      properties: heldBy(kinds, benefit.type, grant.held),
    })),
    active_meters: [],
  };
}

type Grant = Json & { benefit: Json };
