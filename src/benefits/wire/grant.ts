import type { Kind } from '../kind.ts';
import { benefitOf } from './benefit.ts';
import { customerOf } from './customer.ts';
import { type Json, lower } from './names.ts';

export function grantOf(kinds: readonly Kind[], data: Json): Json {
  const { grant, customer, benefit } = data as { grant: Json; customer: Json; benefit: Json };
  return {
    id: grant.id,
    created_at: grant.createdAt,
    modified_at: grant.updatedAt,
    granted_at: grant.grantedAt,
    is_granted: grant.state === 'ACTIVE',
    revoked_at: grant.revokedAt,
    is_revoked: grant.state === 'REVOKED',
    subscription_id: grant.subscriptionId,
    order_id: grant.orderId,
    manual_grant_id: grant.manualGrantId,
    customer_id: grant.customerId,
    benefit_id: grant.benefitId,
    state: lower(grant.state),
    position: grant.position,
    entitled_until: grant.entitledUntil,
    attention: attentionOf(grant),
    error: grant.attentionCode
      ? { message: grant.attentionMessage, type: grant.attentionCode, timestamp: grant.updatedAt }
      : null,
    customer: customerOf(customer),
    benefit: benefitOf(kinds, benefit),
    properties: heldBy(kinds, benefit.type, grant.held),
  };
}

/** What a grant holds, as its kind says it. */
export const heldBy = (kinds: readonly Kind[], type: unknown, held: unknown): object =>
  kinds.find((kind) => kind.type === type)?.wire.grant(held as Json | null) ?? {};

function attentionOf({ attentionCode, attentionMessage, attentionActor, attempts, retryAt }: Json): Json | null {
  if (!attentionCode) return null;
  return { code: attentionCode, message: attentionMessage, actor: lower(attentionActor), attempts, retry_at: retryAt };
}
