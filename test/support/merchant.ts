import type { Prisma } from '../../prisma/generated/client/client.ts';
import * as benefits from '../../src/domain/benefits.ts';
import * as customers from '../../src/domain/customers.ts';
import * as grants from '../../src/domain/grants/verbs.ts';
import * as manualGrants from '../../src/domain/manual-grants.ts';
import * as orders from '../../src/domain/orders.ts';
import * as products from '../../src/domain/products.ts';
import * as refunds from '../../src/domain/refunds.ts';
import type * as decisions from '../../src/domain/subscriptions/decisions.ts';
import * as subscriptions from '../../src/domain/subscriptions/subscriptions.ts';
import type { House } from './house.ts';

export type Merchant = ReturnType<typeof merchantOf>;

/** What a merchant does, each in a transaction of its own. */
export function merchantOf({ transaction, organizationId, ...house }: House) {
  const subscribe = (customerId: string, productId: string, facts: Partial<subscriptions.NewSubscription> = {}) =>
    transaction((tx) => subscriptions.create(tx, { organizationId, customerId, productId, ...facts }));
  const buy = (customerId: string, productId: string, facts: Partial<orders.NewOrder> = {}) =>
    transaction((tx) => orders.create(tx, { organizationId, customerId, productId, ...facts }));

  return {
    subscribe,
    buy,
    /** A new customer who subscribes to a new product with these benefits. */
    async subscriber(benefitIds: readonly string[], facts: Partial<subscriptions.NewSubscription> = {}) {
      const [customer, product] = [await house.customer(), await house.product(benefitIds)];
      return { customer, product, subscription: await subscribe(customer.id, product.id, facts) };
    },
    /** A new customer who buys a new product with these benefits. */
    async buyer(benefitIds: readonly string[], facts: { keepForBuyers?: boolean } = {}) {
      const [customer, product] = [await house.customer(), await house.product(benefitIds, facts)];
      return { customer, product, order: await buy(customer.id, product.id, { amount: '10.00' }) };
    },
    cancel: (id: string, atPeriodEnd = false) =>
      transaction((tx) => subscriptions.cancel(tx, { organizationId, id, atPeriodEnd })),
    uncancel: (id: string) => transaction((tx) => subscriptions.uncancel(tx, { organizationId, id })),
    revokeSubscription: (id: string) => transaction((tx) => subscriptions.revoke(tx, { organizationId, id })),
    changeProduct: (id: string, productId: string) =>
      transaction((tx) => subscriptions.changeProduct(tx, { organizationId, id, productId })),
    report: (id: string, said: decisions.Report) =>
      transaction((tx) => subscriptions.report(tx, { organizationId, id, ...said })),
    renew: (id: string, period: decisions.Renewal) =>
      transaction((tx) => subscriptions.renew(tx, { organizationId, id, ...period })),
    refund: (of: Partial<refunds.NewRefund>) => transaction((tx) => refunds.create(tx, { organizationId, ...of })),
    reportRefund: (id: string, status: 'SUCCEEDED' | 'FAILED') =>
      transaction((tx) => refunds.report(tx, { organizationId, id, status })),
    give: (customerId: string, benefitId: string, facts: Partial<manualGrants.NewManualGrant> = {}) =>
      transaction((tx) => manualGrants.create(tx, { organizationId, customerId, benefitId, ...facts })),
    revoke: (id: string, reason?: string) =>
      transaction((tx) => grants.revoke(tx, { organizationId, id, ...(reason && { reason }) })),
    lift: (id: string) => transaction((tx) => grants.lift(tx, { organizationId, id })),
    retry: (id: string) => transaction((tx) => grants.retry(tx, { organizationId, id })),
    fulfill: (id: string) => transaction((tx) => grants.fulfill(tx, { organizationId, id })),
    setBenefits: (id: string, benefitIds: readonly string[]) =>
      transaction((tx) => products.setBenefits(tx, { organizationId, id, benefitIds })),
    editBenefit: (id: string, properties: Prisma.InputJsonObject) =>
      transaction((tx) => benefits.update(tx, { organizationId, id, properties })),
    removeBenefit: (id: string) => transaction((tx) => benefits.remove(tx, { organizationId, id })),
    rename: (id: string, name: string | null) =>
      transaction((tx) => customers.update(tx, { organizationId, id, name })),
  };
}
