import type { Benefit, BenefitGrant, Customer } from '../../../prisma/generated/client/client.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { snapshot } from '../customers.ts';

export type GrantEvent =
  | 'benefit_grant.created'
  | 'benefit_grant.updated'
  | 'benefit_grant.cycled'
  | 'benefit_grant.revoked';

/** Appends what happened to a grant, with everything a reader needs to understand it later, when rows have moved on. */
export function tell(
  tx: Tx,
  type: GrantEvent,
  grant: BenefitGrant,
  customer: Customer,
  benefit: Benefit,
  changed?: string[],
): void {
  tx.append({
    organizationId: grant.organizationId,
    type,
    customerId: grant.customerId,
    subjectId: grant.id,
    data: {
      grant: plain(grant),
      customer: snapshot(customer),
      benefit: plainBenefit(benefit),
      ...(changed && { changed }),
    },
  });
}

/** Only the columns of a grant, whatever was loaded along with it. */
function plain(grant: BenefitGrant): BenefitGrant {
  const { customer: _, benefit: __, ...columns } = grant as BenefitGrant & { customer?: unknown; benefit?: unknown };
  return columns;
}

function plainBenefit(benefit: Benefit): Omit<Benefit, 'lookedAt'> {
  const { id, organizationId, type, description, metadata, properties, version, deletedAt, createdAt, updatedAt } =
    benefit;
  return { id, organizationId, type, description, metadata, properties, version, deletedAt, createdAt, updatedAt };
}
