import { type Order, Prisma } from '../../prisma/generated/client/client.ts';
import { checkExternalId, checkIfAny } from '../lib/checks.ts';
import { ConflictError, InvalidInputError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import { uniqueViolation } from '../platform/database.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import * as customers from './customers.ts';
import * as grants from './grants/reconcile.ts';
import * as products from './products.ts';

const AMOUNT_DIGITS = 14;
const AMOUNT_DECIMALS = 6;
const AMOUNT = new RegExp(`^\\d{1,${AMOUNT_DIGITS}}(\\.\\d{1,${AMOUNT_DECIMALS}})?$`);

export interface NewOrder {
  organizationId: string;
  customerId: string;
  productId: string;
  amount?: string | null;
  currency?: string | null;
  externalId?: string | null;
}

/** A paid, one-time purchase; what it promises is written down in the same transaction. */
export async function create(tx: Tx, input: NewOrder): Promise<Order> {
  const { organizationId, customerId, productId, amount, currency, externalId } = input;
  await products.hold(tx, { organizationId, id: productId });
  await customers.lock(tx, organizationId, customerId, ['customer']);
  const order = await tx.db.order
    .create({
      data: {
        id: newId('order', tx.now),
        organizationId,
        customerId,
        productId,
        amount: checkIfAny(amount, (value) => checkAmount(value, ['amount'])),
        currency: checkIfAny(currency, checkCurrency),
        externalId: checkIfAny(externalId, (value) => checkExternalId(value, ['externalId'])),
        createdAt: tx.now,
        updatedAt: tx.now,
      },
    })
    .catch((error) => {
      if (uniqueViolation(error) !== null)
        throw new ConflictError('Another order has this external id.', ['externalId']);
      throw error;
    });
  tell(tx, 'order.created', order);
  await grants.reconcile(tx, customerId);
  return order;
}

/** An exact amount of money, zero or more. */
export function checkAmount(value: string, path: string[]): Prisma.Decimal {
  if (!AMOUNT.test(value)) {
    throw new InvalidInputError(
      `It must be zero or more, with at most ${AMOUNT_DIGITS} digits before the point and ${AMOUNT_DECIMALS} after it.`,
      path,
    );
  }
  return new Prisma.Decimal(value);
}

export function tell(tx: Tx, type: string, order: Order): void {
  const { organizationId, customerId, id } = order;
  tx.append({ organizationId, type, customerId, subjectId: id, data: { order } });
}

function checkCurrency(value: string): string {
  if (!/^[a-z]{3}$/i.test(value)) throw new InvalidInputError('It must be a three-letter ISO 4217 code.', ['currency']);
  return value.toUpperCase();
}
