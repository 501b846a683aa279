import type { Subscription } from '../../../prisma/generated/client/client.ts';
import { checkExternalId, checkIfAny } from '../../lib/checks.ts';
import { differences } from '../../lib/difference.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import { uniqueViolation } from '../../platform/database.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import * as customerStates from '../customer-states.ts';
import { isActive } from '../customer-states.ts';
import * as customers from '../customers.ts';
import * as grants from '../grants/reconcile.ts';
import * as organizations from '../organizations.ts';
import * as products from '../products.ts';
import * as decisions from './decisions.ts';
import { tell, write } from './writing.ts';

export interface NewSubscription {
  organizationId: string;
  customerId: string;
  productId: string;
  status?: 'TRIALING' | 'ACTIVE' | 'INCOMPLETE' | null;
  currentPeriodStart?: Date | null;
  currentPeriodEnd?: Date | null;
  trialEndsAt?: Date | null;
  externalId?: string | null;
}

interface Named {
  organizationId: string;
  id: string;
}

/** A new subscription; what it promises is written down in the same transaction. */
export async function create(tx: Tx, input: NewSubscription): Promise<Subscription> {
  const { organizationId, customerId, productId, status, currentPeriodEnd, trialEndsAt, externalId } = input;
  await products.hold(tx, { organizationId, id: productId });
  await customers.lock(tx, organizationId, customerId, ['customer']);
  const currentPeriodStart = input.currentPeriodStart ?? tx.now;
  if (currentPeriodEnd && currentPeriodEnd <= currentPeriodStart) {
    throw new InvalidInputError('It must lie after currentPeriodStart.', ['currentPeriodEnd']);
  }
  const subscription = await tx.db.subscription
    .create({
      data: {
        id: newId('subscription', tx.now),
        organizationId,
        customerId,
        productId,
        externalId: checkIfAny(externalId, (value) => checkExternalId(value, ['externalId'])),
        status: status ?? 'ACTIVE',
        currentPeriodStart,
        currentPeriodEnd: currentPeriodEnd ?? null,
        trialEndsAt: trialEndsAt ?? null,
        createdAt: tx.now,
        updatedAt: tx.now,
      },
    })
    .catch((error) => {
      if (uniqueViolation(error) !== null)
        throw new ConflictError('Another subscription has this external id.', ['externalId']);
      throw error;
    });
  tell(tx, 'subscription.created', subscription);
  const customer = await grants.reconcile(tx, customerId);
  if (isActive(subscription)) customerStates.tell(tx, customer);
  return subscription;
}

/** At once, or when the paid period ends; until then it can be taken back. */
export const cancel = (tx: Tx, { atPeriodEnd, ...named }: Named & { atPeriodEnd: boolean }): Promise<Subscription> =>
  change(tx, named, 'subscription.canceled', (subscription) => decisions.cancel(subscription, atPeriodEnd, tx.now));

/** Takes a cancellation back whose end has not come. */
export const uncancel = (tx: Tx, named: Named): Promise<Subscription> =>
  change(tx, named, 'subscription.uncanceled', (subscription) => decisions.uncancel(subscription, tx.now));

/** Ends it now and for good. */
export const revoke = (tx: Tx, named: Named): Promise<Subscription> =>
  change(tx, named, 'subscription.revoked', (subscription) => decisions.revoke(subscription, tx.now));

/** What the new product lacks is withdrawn, what both carry is untouched, what is new is granted. */
export async function changeProduct(
  tx: Tx,
  { productId, ...named }: Named & { productId: string },
): Promise<Subscription> {
  await products.hold(tx, { organizationId: named.organizationId, id: productId });
  return change(tx, named, 'subscription.updated', (subscription) =>
    decisions.changeProduct(subscription, productId, tx.now),
  );
}

/** What a billing system says the status is. */
export async function report(tx: Tx, { organizationId, id, ...said }: Named & decisions.Report): Promise<Subscription> {
  if (said.status === 'PAST_DUE') await organizations.holdGraceDays(tx, organizationId);
  return change(tx, { organizationId, id }, 'subscription.updated', (subscription) =>
    decisions.report(subscription, said, tx.now),
  );
}

/** The next paid period. */
export const renew = (tx: Tx, { organizationId, id, ...period }: Named & decisions.Renewal): Promise<Subscription> =>
  change(tx, { organizationId, id }, 'subscription.renewed', (subscription) =>
    decisions.renew(subscription, period, tx.now),
  );

async function change(
  tx: Tx,
  { organizationId, id }: Named,
  type: string,
  decide: (subscription: Subscription) => decisions.Change,
): Promise<Subscription> {
  const where = { id, organizationId };
  const named = await tx.db.subscription.findFirst({ where, select: { customerId: true } });
  if (!named) throw new NotFoundError('subscription', ['id']);
  await customers.lock(tx, organizationId, named.customerId, ['id']);
  const before = await tx.db.subscription.findFirstOrThrow({ where });
  const after = await write(tx, before, type, decide(before));
  if (after === before) return before;
  const customer = await grants.reconcile(tx, named.customerId);
  if ((isActive(before) || isActive(after)) && isNews(before, after)) customerStates.tell(tx, customer);
  return after;
}

/** A report that only confirms what was known moves the clock of reports and is no news. */
const isNews = (before: Subscription, { reportedAt: _, updatedAt: __, ...after }: Subscription): boolean =>
  differences(before, after).length > 0;
