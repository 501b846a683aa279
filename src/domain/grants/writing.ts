import type { BenefitGrant } from '../../../prisma/generated/client/client.ts';
import { patch } from '../../platform/rows.ts';
import type { Tx } from '../../platform/unit-of-work.ts';

/** A grant at hand, and what is to change about it. */
export interface GrantChange {
  grant: BenefitGrant;
  data: Partial<Omit<BenefitGrant, 'id' | 'updatedAt'>>;
}

/** Writes what changes about many grants in one statement, and brings those at hand up to date. */
export async function write(tx: Tx, changes: readonly GrantChange[]): Promise<void> {
  const updatedAt = tx.now;
  await patch(
    tx.db,
    'BenefitGrant',
    changes.map(({ grant, data }) => ({ ...data, id: grant.id, updatedAt })),
  );
  for (const { grant, data } of changes) Object.assign(grant, data, { updatedAt });
}

/** Whatever a grant was waiting for, a change of direction makes it moot. */
export const NO_ATTENTION = {
  attentionCode: null,
  attentionMessage: null,
  attentionActor: null,
  attempts: 0,
  retryAt: null,
} as const;
