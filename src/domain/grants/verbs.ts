import type { BenefitGrant } from '../../../prisma/generated/client/client.ts';
import { checkIfAny, checkText } from '../../lib/checks.ts';
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import * as customers from '../customers.ts';
import { reconcile } from './reconcile.ts';
import { tell } from './telling.ts';
import { isEntitled } from './work.ts';
import { NO_ATTENTION } from './writing.ts';

const REASON_CHARACTERS = 500;

interface Named {
  organizationId: string;
  id: string;
}

/** Takes a grant away by hand. It stays away, whatever its source says, until it is lifted. */
export async function revoke(tx: Tx, { reason, ...named }: Named & { reason?: string | null }): Promise<BenefitGrant> {
  const stopReason = checkIfAny(reason, (value) => checkText(value, ['reason'], REASON_CHARACTERS));
  return change(tx, named, ['stopped'], (grant) =>
    grant.stoppedAt ? null : { ...NO_ATTENTION, stoppedAt: tx.now, stopReason },
  );
}

/** Takes a manual revocation back: the grant follows its source again. */
export const lift = (tx: Tx, named: Named): Promise<BenefitGrant> =>
  change(tx, named, ['stopped'], (grant) =>
    grant.stoppedAt ? { ...NO_ATTENTION, stoppedAt: null, stopReason: null } : null,
  );

/** Tries again now, whatever the grant was waiting for. An attempt that is under way does not count: it may fail yet. */
export const retry = (tx: Tx, named: Named): Promise<BenefitGrant> =>
  change(tx, named, ['attention'], (grant, isUnderWay) => {
    if (grant.attentionCode || grant.retryAt) return NO_ATTENTION;
    return isUnderWay ? {} : null;
  });

/** The merchant has done by hand what this grant promised. */
export const fulfill = (tx: Tx, named: Named): Promise<BenefitGrant> =>
  change(tx, named, ['fulfilledAt'], (grant) => {
    if (grant.fulfilledAt) return null;
    if (!isEntitled(grant, tx.now)) throw new ConflictError('The customer is no longer entitled to it.', ['id']);
    return { ...NO_ATTENTION, fulfilledAt: tx.now };
  });

async function change(
  tx: Tx,
  { organizationId, id }: Named,
  changed: string[],
  decide: (grant: BenefitGrant, isUnderWay: boolean) => Partial<Omit<BenefitGrant, 'held'>> | null,
): Promise<BenefitGrant> {
  const named = await tx.db.benefitGrant.findFirst({ where: { id, organizationId }, select: { customerId: true } });
  if (!named) throw new NotFoundError('grant', ['id']);
  await customers.lock(tx, organizationId, named.customerId, ['id']);
  const { customer, benefit, ...before } = await tx.db.benefitGrant.findFirstOrThrow({
    where: { id },
    include: { customer: true, benefit: true },
  });
  const isUnderWay = customer.settlingUntil !== null && customer.settlingUntil > tx.now;
  const decided = decide(before, isUnderWay);
  if (!decided) return before;
  const promisedAgain = before.state === 'REVOKED' && isEntitled({ ...before, ...decided }, tx.now);
  const after = await tx.db.benefitGrant.update({
    where: { id },
    data: {
      ...decided,
      ...(promisedAgain && { state: 'CREATED', revokedAt: null }),
      updatedAt: later(before.updatedAt, tx.now),
    },
  });
  if (promisedAgain) tell(tx, 'benefit_grant.created', after, customer, benefit);
  else if (Object.keys(decided).length > 0) tell(tx, 'benefit_grant.updated', after, customer, benefit, changed);
  await reconcile(tx, named.customerId);
  return after;
}

/** Never the same twice: whoever is at work on it sees that something happened. */
const later = (before: Date, now: Date): Date => (now > before ? now : new Date(before.getTime() + 1));
