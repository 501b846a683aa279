import type { Database } from '../../platform/database.ts';
import { offers } from './judgement.ts';

/** Who could no longer download a file: customers in all, and by benefit. */
export async function lossesOf(
  { prisma }: Database,
  organizationId: string,
  id: string,
): Promise<{ customers: number; benefits: { benefitId: string; count: number }[] }> {
  const naming = await prisma.benefit.findMany({
    where: { organizationId, deletedAt: null, properties: { path: ['fileIds'], array_contains: [id] } },
    orderBy: { id: 'asc' },
    select: {
      id: true,
      properties: true,
      grants: { where: { state: 'ACTIVE' }, select: { customerId: true }, distinct: ['customerId'] },
    },
  });
  const benefits = naming.filter(({ properties }) => offers(properties, id));
  const customers = new Set(benefits.flatMap(({ grants }) => grants.map(({ customerId }) => customerId)));
  return {
    customers: customers.size,
    benefits: benefits.map((benefit) => ({ benefitId: benefit.id, count: benefit.grants.length })),
  };
}
