import type { Tx } from '../../platform/unit-of-work.ts';

/** What the lock on an organization's meters is called. */
export const metersOf = (organizationId: string) => `meters of ${organizationId}`;

/**
 * While usage is recorded no meter begins or ends: whatever was recorded lies either wholly before that or wholly
 * after it, and is measured once.
 */
export async function holdMeters(tx: Tx, organizationId: string): Promise<void> {
  await tx.run('hold meters', `SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))`, [
    metersOf(organizationId),
  ]);
}

/** Waits for usage that is being recorded, and lets none in until this transaction is over. */
export async function holdStill(tx: Tx, organizationId: string): Promise<void> {
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${metersOf(organizationId)}, 0))`;
  tx.now = tx.clock();
}
