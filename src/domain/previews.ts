import { InvalidInputError, NotFoundError } from '../lib/errors.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import { type Facts, isOpen, judge, type Verdict } from './grants/entitlement.ts';
import { factsOf, type LoadedCustomer, loadMany } from './grants/facts.ts';
import * as products from './products.ts';

/** A change that is only imagined: exactly one of these is set. */
export interface ImaginedChange {
  cancelSubscription?: { id: string } | null;
  changeSubscriptionProduct?: { id: string; productId: string } | null;
  refundOrder?: { id: string } | null;
  updateProductBenefits?: { id: string; benefitIds: readonly string[] } | null;
  deleteBenefit?: { id: string } | null;
}

export interface Preview {
  /** How many customers would gain or lose something. */
  customers: number;
  granted: { benefitId: string; count: number }[];
  withdrawn: { benefitId: string; count: number }[];
}

const PAGE = 500;

/**
 * What a change would give and take, without doing it: the same judgement as always, over facts as they would be.
 * Cancelling counts as cancelling at once.
 */
export async function preview(
  tx: Tx,
  { organizationId, change }: { organizationId: string; change: ImaginedChange },
): Promise<Preview> {
  const { concerned, imagine } = await understand(tx, organizationId, change);
  const granted = new Map<string, number>();
  const withdrawn = new Map<string, number>();
  let customers = 0;
  for (let last = ''; ; ) {
    const page = await concerned(last);
    for (const customer of await loadMany(tx, page)) {
      const facts = factsOf(customer);
      const verdicts = judge(imagine(facts), tx.now).filter((verdict) => matters(verdict, customer, tx.now));
      if (verdicts.length > 0) customers++;
      for (const verdict of verdicts)
        count(verdict.is === 'ended' ? withdrawn : granted, benefitIdOf(verdict, customer));
    }
    if (page.length < PAGE) return { customers, granted: entries(granted), withdrawn: entries(withdrawn) };
    last = page.at(-1) ?? '';
  }
}

interface Understanding {
  /** The next page of ids of customers it may concern, after `last`. */
  concerned(last: string): Promise<string[]>;
  imagine(facts: Facts): Facts;
}

async function understand(tx: Tx, organizationId: string, change: ImaginedChange): Promise<Understanding> {
  if (change.cancelSubscription) {
    const { id } = change.cancelSubscription;
    const endsAt = tx.now;
    return oneCustomer(
      await customerOfSubscription(tx, organizationId, id, ['change', 'cancelSubscription', 'id']),
      (facts) => withSubscription(facts, id, (subscription) => ({ ...subscription, status: 'CANCELED', endsAt })),
    );
  }
  if (change.changeSubscriptionProduct) {
    const { id, productId } = change.changeSubscriptionProduct;
    const benefitIds = await benefitsOf(tx, organizationId, productId, [
      'change',
      'changeSubscriptionProduct',
      'productId',
    ]);
    return oneCustomer(
      await customerOfSubscription(tx, organizationId, id, ['change', 'changeSubscriptionProduct', 'id']),
      (facts) => withSubscription(facts, id, (subscription) => ({ ...subscription, benefitIds })),
    );
  }
  if (change.refundOrder) {
    const { id } = change.refundOrder;
    const order = await tx.db.order.findFirst({
      where: { id, organizationId },
      select: { customerId: true, status: true },
    });
    if (!order) throw new NotFoundError('order', ['change', 'refundOrder', 'id']);
    // What has gone back already cannot go back again.
    if (order.status === 'REFUNDED') return oneCustomer(order.customerId, (facts) => facts);
    const refund = { status: 'SUCCEEDED', revokeBenefits: true, periodStart: null, updatedAt: tx.now } as const;
    return oneCustomer(order.customerId, (facts) => ({
      ...facts,
      orders: facts.orders.map((order) =>
        order.id === id ? { ...order, refunds: [...order.refunds, refund] } : order,
      ),
    }));
  }
  if (change.updateProductBenefits) return updateProductBenefits(tx, organizationId, change.updateProductBenefits);
  if (change.deleteBenefit) return deleteBenefit(tx, organizationId, change.deleteBenefit.id);
  throw new InvalidInputError('Name one change.', ['change']);
}

async function updateProductBenefits(
  tx: Tx,
  organizationId: string,
  { id, benefitIds }: { id: string; benefitIds: readonly string[] },
): Promise<Understanding> {
  await benefitsOf(tx, organizationId, id, ['change', 'updateProductBenefits', 'id']);
  await products.checkList(tx, organizationId, benefitIds, ['change', 'updateProductBenefits', 'benefitIds']);
  const subscriptions = new Set(
    (await tx.db.subscription.findMany({ where: { productId: id }, select: { id: true } })).map((row) => row.id),
  );
  const orders = new Set(
    (await tx.db.order.findMany({ where: { productId: id }, select: { id: true } })).map((row) => row.id),
  );
  return {
    concerned: (last) =>
      page(tx, {
        id: { gt: last },
        OR: [{ subscriptions: { some: { productId: id } } }, { orders: { some: { productId: id } } }],
      }),
    imagine: (facts) => ({
      ...facts,
      subscriptions: facts.subscriptions.map((source) =>
        subscriptions.has(source.id) ? { ...source, benefitIds } : source,
      ),
      orders: facts.orders.map((source) => (orders.has(source.id) ? { ...source, benefitIds } : source)),
    }),
  };
}

async function deleteBenefit(tx: Tx, organizationId: string, id: string): Promise<Understanding> {
  const benefit = await tx.db.benefit.findFirst({ where: { id, organizationId } });
  if (!benefit) throw new NotFoundError('benefit', ['change', 'deleteBenefit', 'id']);
  const without = <Source extends { benefitIds: readonly string[] }>(source: Source): Source => ({
    ...source,
    benefitIds: source.benefitIds.filter((benefitId) => benefitId !== id),
  });
  return {
    concerned: (last) => page(tx, { id: { gt: last }, grants: { some: { benefitId: id } } }),
    imagine: (facts) => ({
      ...facts,
      subscriptions: facts.subscriptions.map(without),
      orders: facts.orders.map(without),
      grants: facts.grants.map((grant) => (grant.benefitId === id ? { ...grant, benefitDeleted: true } : grant)),
    }),
  };
}

const oneCustomer = (customerId: string, imagine: Understanding['imagine']): Understanding => ({
  concerned: async (last) => (last === '' ? [customerId] : []),
  imagine,
});

const withSubscription = (
  facts: Facts,
  id: string,
  change: (subscription: Facts['subscriptions'][number]) => Facts['subscriptions'][number],
): Facts => ({
  ...facts,
  subscriptions: facts.subscriptions.map((subscription) =>
    subscription.id === id ? change(subscription) : subscription,
  ),
});

async function customerOfSubscription(tx: Tx, organizationId: string, id: string, path: string[]): Promise<string> {
  const subscription = await tx.db.subscription.findFirst({
    where: { id, organizationId },
    select: { customerId: true },
  });
  if (!subscription) throw new NotFoundError('subscription', path);
  return subscription.customerId;
}

async function benefitsOf(tx: Tx, organizationId: string, productId: string, path: string[]): Promise<string[]> {
  const product = await tx.db.product.findFirst({
    where: { id: productId, organizationId },
    select: { benefits: { orderBy: { position: 'asc' }, select: { benefitId: true } } },
  });
  if (!product) throw new NotFoundError('product', path);
  return product.benefits.map((entry) => entry.benefitId);
}

async function page(
  tx: Tx,
  where: NonNullable<Parameters<typeof tx.db.customer.findMany>[0]>['where'],
): Promise<string[]> {
  const rows = await tx.db.customer.findMany({ where, orderBy: { id: 'asc' }, take: PAGE, select: { id: true } });
  return rows.map((row) => row.id);
}

/** A verdict that a customer would notice; a benefit a merchant took away by hand is not given by any change. */
function matters(verdict: Verdict, customer: LoadedCustomer, now: Date): boolean {
  if (verdict.is === 'promise') return true;
  const grant = customer.grants.find((candidate) => candidate.id === verdict.grantId);
  if (!grant || grant.stoppedAt) return false;
  return verdict.is === 'ended' ? isOpen(grant.entitledUntil, now) : !isOpen(grant.entitledUntil, now);
}

const benefitIdOf = (verdict: Verdict, customer: LoadedCustomer): string =>
  verdict.is === 'promise'
    ? verdict.benefitId
    : (customer.grants.find((grant) => grant.id === verdict.grantId)?.benefitId ?? '');

const count = (counts: Map<string, number>, benefitId: string) =>
  counts.set(benefitId, (counts.get(benefitId) ?? 0) + 1);

/** Oldest benefit first, whoever was looked at first. */
const entries = (counts: Map<string, number>) =>
  [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([benefitId, count]) => ({ benefitId, count }));
