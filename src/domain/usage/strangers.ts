import type { Tx } from '../../platform/unit-of-work.ts';
import { metersOf } from '../meters/holding.ts';

export const ADOPT_USAGE = 'adopt-usage';

const nameOf = (organizationId: string) => `strangers of ${organizationId}`;

/** While usage of somebody unknown is recorded, nobody becomes known. */
export async function holdStrangers(tx: Tx, organizationId: string): Promise<void> {
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock_shared(hashtextextended(${nameOf(organizationId)}, 0))`;
}

/**
 * Whether usage under this external id waits for the customer to come. Asked before the customer is locked or made,
 * so that whoever records usage, measures it or adopts it takes these locks in one order.
 */
export async function isAwaited(tx: Tx, organizationId: string, externalId: string): Promise<boolean> {
  await tx.db.$executeRaw`
    SELECT pg_advisory_xact_lock_shared(hashtextextended(${metersOf(organizationId)}, 0)),
      pg_advisory_xact_lock(hashtextextended(${nameOf(organizationId)}, 0))`;
  const waiting = await tx.db.usageEvent.findFirst({
    where: { organizationId, externalCustomerId: externalId, customerId: null },
    select: { id: true },
  });
  if (!waiting) return false;
  await holdFilling(tx, organizationId);
  return true;
}

/** Meters that measure the past stand where they are. */
export async function holdFilling(tx: Tx, organizationId: string): Promise<void> {
  await tx.db.$queryRaw`
    SELECT 1 FROM "Meter" WHERE "organizationId" = ${organizationId} AND "filledAt" IS NULL ORDER BY id FOR SHARE`;
}

/** Has a customer take over what was recorded under their external id before they came. */
export function requestAdoption(tx: Tx, { customerId, externalId }: { customerId: string; externalId: string }): void {
  tx.enqueue({ name: ADOPT_USAGE, data: { customerId, externalId }, key: `${customerId} ${externalId}` });
}
