import type { Subscription } from '../../prisma/generated/client/client.ts';
import { inDays } from './facts.ts';

/** The row of a subscription in the middle of its period. */
export const plan = (some: Partial<Subscription> = {}): Subscription => ({
  id: 'sub_1',
  organizationId: 'org_1',
  customerId: 'cus_1',
  productId: 'prd_1',
  externalId: null,
  status: 'ACTIVE',
  currentPeriodStart: inDays(-10),
  currentPeriodEnd: inDays(20),
  trialEndsAt: null,
  cancelAtPeriodEnd: false,
  canceledAt: null,
  endsAt: null,
  pastDueAt: null,
  reportedAt: null,
  createdAt: inDays(-10),
  updatedAt: inDays(-10),
  ...some,
});
