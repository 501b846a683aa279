import type { Prisma } from '../../../prisma/generated/client/client.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Facts, GrantFacts } from './entitlement.ts';

const BENEFIT_IDS = { orderBy: { position: 'asc' }, select: { benefitId: true } } as const;

const CUSTOMER = {
  organization: { select: { graceDays: true } },
  subscriptions: { include: { refunds: true, product: { select: { benefits: BENEFIT_IDS } } } },
  orders: { include: { refunds: true, product: { select: { keepForBuyers: true, benefits: BENEFIT_IDS } } } },
  manualGrants: true,
  grants: { include: { benefit: true } },
  accounts: {
    where: { inUse: true },
    select: { id: true, provider: true, accountId: true, username: true, isRefused: true, linkedAt: true },
  },
  rollouts: { select: { rolloutId: true, rollout: { select: { benefitId: true, productId: true, createdAt: true } } } },
} satisfies Prisma.CustomerInclude;

export type LoadedCustomer = Prisma.CustomerGetPayload<{ include: typeof CUSTOMER }>;
export type LoadedGrant = LoadedCustomer['grants'][number];

/** Everything about one customer, in one statement. */
export const load = (tx: Tx, customerId: string): Promise<LoadedCustomer> =>
  tx.db.customer.findUniqueOrThrow({ where: { id: customerId }, include: CUSTOMER });

/** The same of many customers, in one statement as well. */
export const loadMany = (tx: Tx, customerIds: readonly string[]): Promise<LoadedCustomer[]> =>
  tx.db.customer.findMany({ where: { id: { in: [...customerIds] } }, include: CUSTOMER });

/** What of it decides about entitlement. */
export const factsOf = (customer: LoadedCustomer): Facts => ({
  graceDays: customer.organization.graceDays,
  subscriptions: customer.subscriptions.map(({ product, ...subscription }) => ({
    ...subscription,
    benefitIds: ids(product.benefits),
  })),
  orders: customer.orders.map(({ product, ...order }) => ({
    ...order,
    benefitIds: ids(product.benefits),
    keepForBuyers: product.keepForBuyers,
  })),
  manualGrants: customer.manualGrants,
  grants: customer.grants.map(grantFacts),
});

/** The source of a grant, whichever of the three it is. */
export const sourceIdOf = (grant: {
  subscriptionId: string | null;
  orderId: string | null;
  manualGrantId: string | null;
}): string => grant.subscriptionId ?? grant.orderId ?? grant.manualGrantId ?? '';

const grantFacts = (grant: LoadedGrant): GrantFacts => ({
  id: grant.id,
  benefitId: grant.benefitId,
  sourceId: sourceIdOf(grant),
  position: grant.position,
  benefitDeleted: grant.benefit.deletedAt !== null,
  entitledUntil: grant.entitledUntil,
  endReason: grant.endReason,
});

const ids = (entries: readonly { benefitId: string }[]): string[] => entries.map((entry) => entry.benefitId);
