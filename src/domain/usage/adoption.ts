import type { Meter, UsageEvent } from '../../../prisma/generated/client/client.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { holdMeters } from '../meters/holding.ts';
import { charge } from './charging.ts';
import { holdFilling } from './strangers.ts';

/** Events taken over in one transaction. */
const PAGE = 2_000;

/**
 * Gives a customer the next page of what was recorded under their external id before they came, and takes it off
 * their balances. Answers whether there may be more.
 */
export async function adopt(
  tx: Tx,
  { customerId, externalId }: { customerId: string; externalId: string },
): Promise<boolean> {
  const customer = await tx.db.customer.findUnique({ where: { id: customerId }, select: { organizationId: true } });
  if (!customer) return false;
  const { organizationId } = customer;
  // A meter that begins meanwhile would find this usage without its customer, and nobody would look again.
  await holdMeters(tx, organizationId);
  await holdFilling(tx, organizationId);
  const adopted = await tx.db.$queryRaw<UsageEvent[]>`
    UPDATE "UsageEvent" SET "customerId" = ${customerId} WHERE id IN (
      SELECT id FROM "UsageEvent"
      WHERE "organizationId" = ${organizationId} AND "externalCustomerId" = ${externalId} AND "customerId" IS NULL
      ORDER BY sequence LIMIT ${PAGE} FOR UPDATE)
    RETURNING *`;
  adopted.sort((a, b) => Number(a.sequence - b.sequence));
  for (const meter of await tx.db.meter.findMany({ where: { organizationId }, orderBy: { id: 'asc' } })) {
    const events = adopted.filter(({ sequence }) => hasMeasured(meter, sequence));
    await charge(tx, { organizationId, meters: [meter], events });
  }
  return adopted.length === PAGE;
}

/** The first page in the transaction in which the customer comes, so that they have it when they are seen; a job does the rest. */
export async function adoptAtOnce(
  tx: Tx,
  { id, externalId }: { id: string; externalId: string | null },
): Promise<{ id: string }> {
  if (externalId !== null) await adopt(tx, { customerId: id, externalId });
  return { id };
}

/** Whether a meter is done with the usage of that time: what it has still to come to, it measures when it comes there. */
const hasMeasured = ({ startsAfter, filledTo, endsAfter }: Meter, sequence: bigint): boolean =>
  sequence <= filledTo || (sequence > startsAfter && (endsAfter === null || sequence <= endsAfter));
