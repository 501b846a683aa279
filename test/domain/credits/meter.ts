import type { Prisma } from '../../../prisma/generated/client/client.ts';
import { newId } from '../../../src/lib/id.ts';
import type { House } from '../../support/house.ts';

/** A meter that counts. */
export async function meterOf(
  { prisma, organizationId, clock }: House,
  some: Partial<Prisma.MeterUncheckedCreateInput> = {},
): Promise<string> {
  const now = clock();
  const meter = { id: newId('meter', now), organizationId, name: 'Calls', aggregation: 'COUNT' as const };
  return (await prisma.meter.create({ data: { ...meter, createdAt: now, updatedAt: now, ...some } })).id;
}
