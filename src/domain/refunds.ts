import { type Order, Prisma, type Refund, type RefundStatus } from '../../prisma/generated/client/client.ts';
import { checkIfAny } from '../lib/checks.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import * as customers from './customers.ts';
import * as grants from './grants/reconcile.ts';
import * as orders from './orders.ts';

export interface NewRefund {
  organizationId: string;
  orderId?: string | null;
  subscriptionId?: string | null;
  /** Absent: all of it. */
  amount?: string | null;
  /** Absent: true when everything is paid back. */
  revokeBenefits?: boolean | null;
}

/** Money went back. Whether the benefits go too is the merchant's word, else a matter of how much it was. */
export async function create(tx: Tx, input: NewRefund): Promise<Refund> {
  const { organizationId } = input;
  if (!input.orderId === !input.subscriptionId) {
    throw new InvalidInputError('Name either an order or a subscription.', [
      input.orderId ? 'subscriptionId' : 'orderId',
    ]);
  }
  const amount = checkIfAny(input.amount, (value) => orders.checkAmount(value, ['amount']));
  if (amount?.isZero()) throw new InvalidInputError('It must be more than zero.', ['amount']);
  const { customerId } = await findPaid(tx, input);
  await customers.lock(tx, organizationId, customerId, ['id']);
  const paid = await findPaid(tx, input);
  const whole = await isWhole(tx, paid, amount);
  const refund = await tx.db.refund.create({
    data: {
      id: newId('refund', tx.now),
      organizationId,
      orderId: input.orderId ?? null,
      subscriptionId: input.subscriptionId ?? null,
      periodStart: paid.periodStart,
      amount,
      revokeAsked: input.revokeBenefits ?? null,
      revokeBenefits: input.revokeBenefits ?? whole,
      status: 'SUCCEEDED',
      createdAt: tx.now,
      updatedAt: tx.now,
    },
  });
  return settle(tx, refund, customerId, 'refund.created');
}

/** What became of it: a refund that failed gives back what it withdrew. */
export async function report(
  tx: Tx,
  input: { organizationId: string; id: string; status: RefundStatus },
): Promise<Refund> {
  const { organizationId, id, status } = input;
  const found = await tx.db.refund.findFirst({
    where: { id, organizationId },
    include: { order: true, subscription: true },
  });
  const customerId = found?.order?.customerId ?? found?.subscription?.customerId;
  if (!found || !customerId) throw new NotFoundError('refund', ['id']);
  await customers.lock(tx, organizationId, customerId, ['id']);
  const before = await tx.db.refund.findUniqueOrThrow({ where: { id } });
  if (before.status === status) return before;
  if (status === 'SUCCEEDED')
    await isWhole(tx, { customerId, ...before, order: found.order }, before.amount, ['status']);
  const refund = await tx.db.refund.update({ where: { id }, data: { status, updatedAt: tx.now } });
  return settle(tx, refund, customerId, 'refund.updated');
}

interface Paid {
  customerId: string;
  order: Order | null;
  subscriptionId: string | null;
  /** Of a subscription it is the current period that is paid back. */
  periodStart: Date | null;
}

async function findPaid(tx: Tx, { organizationId, orderId, subscriptionId }: NewRefund): Promise<Paid> {
  if (orderId) {
    const order = await tx.db.order.findFirst({ where: { id: orderId, organizationId } });
    if (!order) throw new NotFoundError('order', ['orderId']);
    return { customerId: order.customerId, order, subscriptionId: null, periodStart: null };
  }
  const subscription = await tx.db.subscription.findFirst({ where: { id: subscriptionId ?? '', organizationId } });
  if (!subscription) throw new NotFoundError('subscription', ['subscriptionId']);
  return {
    customerId: subscription.customerId,
    order: null,
    subscriptionId: subscription.id,
    periodStart: subscription.currentPeriodStart,
  };
}

/** Whether everything that was paid has now gone back. More than was paid cannot. */
async function isWhole(
  tx: Tx,
  { order, subscriptionId, periodStart }: Paid,
  amount: Prisma.Decimal | null,
  path?: string[],
): Promise<boolean> {
  const where = order ? { orderId: order.id } : { subscriptionId, periodStart };
  const before = await tx.db.refund.findMany({ where: { ...where, status: 'SUCCEEDED' } });
  if (isAllBack(order, before)) {
    throw new ConflictError('All of it was refunded already.', path ?? [order ? 'orderId' : 'subscriptionId']);
  }
  if (amount === null) return true;
  if (!order?.amount) return false;
  const left = order.amount.minus(totalOf(before));
  if (amount.gt(left)) throw new ConflictError(`It is more than what is left to refund, ${left}.`, path ?? ['amount']);
  return amount.equals(left);
}

/** Whether these refunds together are of all that was paid. Of a subscription only one without an amount is. */
const isAllBack = (order: Order | null, refunds: readonly Refund[]): boolean =>
  refunds.some((refund) => refund.amount === null) ||
  (!!order?.amount && refunds.length > 0 && totalOf(refunds).gte(order.amount));

const totalOf = (refunds: readonly Refund[]): Prisma.Decimal =>
  refunds.reduce((sum, refund) => sum.plus(refund.amount ?? 0), new Prisma.Decimal(0));

async function settle(tx: Tx, refund: Refund, customerId: string, type: string): Promise<Refund> {
  const { id, orderId } = refund;
  const weighed = orderId ? await weigh(tx, orderId, refund, await writeOrderStatus(tx, orderId)) : [];
  for (const other of weighed) if (other.id !== id) tell(tx, 'refund.updated', other, customerId);
  const settled = weighed.find((one) => one.id === id) ?? refund;
  tell(tx, type, settled, customerId);
  await grants.reconcile(tx, customerId);
  return settled;
}

function tell(tx: Tx, type: string, refund: Refund, customerId: string): void {
  const { organizationId, id } = refund;
  tx.append({ organizationId, type, customerId, subjectId: id, data: { refund } });
}

/**
 * Where nobody said what becomes of the benefits, it is the refund that makes an order's refunds whole that withdraws
 * them; as long as something was kept, none of them does. Answers those that this turned.
 */
async function weigh(tx: Tx, orderId: string, { id, status }: Refund, whole: boolean): Promise<Refund[]> {
  if (whole && status !== 'SUCCEEDED') return [];
  const turned = whole ? { id, revokeBenefits: false } : { revokeBenefits: true };
  return tx.db.refund.updateManyAndReturn({
    where: { orderId, revokeAsked: null, ...turned },
    data: { revokeBenefits: whole },
  });
}

/** Whether all that was paid has gone back. */
async function writeOrderStatus(tx: Tx, orderId: string): Promise<boolean> {
  const order = await tx.db.order.findUniqueOrThrow({ where: { id: orderId }, include: { refunds: true } });
  const refunds = order.refunds.filter((refund) => refund.status === 'SUCCEEDED');
  const whole = isAllBack(order, refunds);
  const status = whole ? 'REFUNDED' : refunds.length > 0 ? 'PARTIALLY_REFUNDED' : 'PAID';
  if (status !== order.status) {
    const after = await tx.db.order.update({ where: { id: orderId }, data: { status, updatedAt: tx.now } });
    orders.tell(tx, 'order.updated', after);
  }
  return whole;
}
