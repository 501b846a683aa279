import type { Tx } from '../../platform/unit-of-work.ts';

/** The place of the newest usage of an organization; 0 when there is none. */
export async function newestUsage(tx: Tx, organizationId: string): Promise<bigint> {
  const newest = await tx.db.usageEvent.findFirst({
    where: { organizationId },
    orderBy: { sequence: 'desc' },
    select: { sequence: true },
  });
  return newest?.sequence ?? 0n;
}
