import { newId } from '../../src/lib/id.ts';
import { insert } from '../../src/platform/rows.ts';
import type { House } from './house.ts';

/** Many customers at once who subscribe to a product and hold what it lists, as if settled long ago. */
export async function crowd(
  { prisma, organizationId, time }: House,
  productId: string,
  benefitIds: readonly string[],
  count: number,
): Promise<string[]> {
  const made = { createdAt: time.now, updatedAt: time.now };
  const people = Array.from({ length: count }, (_, index) => {
    const [customerId, subscriptionId] = [newId('customer', time.now), newId('subscription', time.now)];
    return { customerId, subscriptionId, email: `crowd${index}@example.com` };
  });
  await insert(
    prisma,
    'Customer',
    people.map(({ customerId: id, email }) => ({ id, organizationId, email, ...made })),
  );
  await insert(
    prisma,
    'Subscription',
    people.map(({ customerId, subscriptionId: id }) => ({
      id,
      organizationId,
      customerId,
      productId,
      status: 'ACTIVE' as const,
      currentPeriodStart: time.now,
      ...made,
    })),
  );
  await insert(
    prisma,
    'BenefitGrant',
    people.flatMap(({ customerId, subscriptionId }) =>
      benefitIds.map((benefitId, position) => ({
        id: newId('grant', time.now),
        organizationId,
        customerId,
        subscriptionId,
        benefitId,
        position,
        state: 'ACTIVE' as const,
        grantedAt: time.now,
        held: {},
        appliedVersion: 1,
        appliedPeriod: time.now,
        ...made,
      })),
    ),
  );
  return people.map(({ customerId }) => customerId);
}
