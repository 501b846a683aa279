import type { Subscription } from '../../../prisma/generated/client/client.ts';
import { differences } from '../../lib/difference.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Change } from './decisions.ts';

/** Writes what was decided and tells it; what was there when nothing was decided. */
export async function write(tx: Tx, before: Subscription, type: string, change: Change): Promise<Subscription> {
  if (!change) return before;
  const after = await tx.db.subscription.update({ where: { id: before.id }, data: { ...change, updatedAt: tx.now } });
  // A report that only confirms what was known moves the clock of reports and is no news.
  const changed = differences(before, change).filter((column) => column !== 'reportedAt');
  if (changed.length > 0) tell(tx, type, after, changed);
  return after;
}

export function tell(tx: Tx, type: string, subscription: Subscription, changed?: string[]): void {
  const { organizationId, customerId, id } = subscription;
  tx.append({ organizationId, type, customerId, subjectId: id, data: { subscription, ...(changed && { changed }) } });
}
