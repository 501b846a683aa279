import type { Kind } from '../kind.ts';
import { customerOf } from './customer.ts';
import { heldBy } from './grant.ts';
import type { Json } from './names.ts';
import { subscriptionOf } from './subscription.ts';

/** A customer with what they have. */
export function stateOf(kinds: readonly Kind[], data: Json): Json {
  const { customer, subscriptions, grants, meters } = data as {
    customer: Json;
    subscriptions: Json[];
    grants: Grant[];
    /** Absent where it was told before there were any. */
    meters?: Json[];
  };
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
    active_meters: (meters ?? []).map(meterOf),
  };
}

type Grant = Json & { benefit: Json };

/** Consumers of the format know credits as numbers, and those that were given as whole ones. */
const meterOf = ({ id, createdAt, updatedAt, meterId, consumed, credited, balance }: Json): Json => ({
  id,
  created_at: createdAt,
  modified_at: updatedAt,
  meter_id: meterId,
  consumed_units: Number(consumed),
  credited_units: Math.trunc(Number(credited)),
  balance: Number(balance),
});
