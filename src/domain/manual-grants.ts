import type { BenefitGrant } from '../../prisma/generated/client/client.ts';
import { checkIfAny, checkText } from '../lib/checks.ts';
import { InvalidInputError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import * as benefits from './benefits.ts';
import * as customers from './customers.ts';
import { reconcile } from './grants/reconcile.ts';
import { tell } from './grants/telling.ts';
import * as grants from './grants/verbs.ts';

export interface NewManualGrant {
  organizationId: string;
  customerId: string;
  benefitId: string;
  reason?: string | null;
  expiresAt?: Date | null;
}

/** Gives a benefit by hand. There is one per customer and benefit: giving again changes it and lifts a revocation. */
export async function create(tx: Tx, input: NewManualGrant): Promise<BenefitGrant> {
  const { organizationId, customerId, benefitId, expiresAt } = input;
  await customers.lock(tx, organizationId, customerId, ['customer']);
  const benefit = await benefits.find(tx, { organizationId, id: benefitId }, ['benefitId']);
  if (expiresAt && expiresAt <= tx.now) throw new InvalidInputError('It must lie in the future.', ['expiresAt']);
  const reason = checkIfAny(input.reason, (value) => checkText(value, ['reason'], 500));
  const given = { reason, expiresAt: expiresAt ?? null, updatedAt: tx.now };
  const where = { customerId_benefitId: { customerId, benefitId } };
  const before = await tx.db.manualGrant.findUnique({ where });
  const manual = await tx.db.manualGrant.upsert({
    where,
    create: { id: newId('manualGrant', tx.now), customerId, benefitId, createdAt: tx.now, ...given },
    update: given,
  });
  const customer = await reconcile(tx, customerId);
  const { id } = await tx.db.benefitGrant.findFirstOrThrow({
    where: { manualGrantId: manual.id },
    select: { id: true },
  });
  const grant = await grants.lift(tx, { organizationId, id });
  if (before && before.reason !== reason) tell(tx, 'benefit_grant.updated', grant, customer, benefit, ['reason']);
  return grant;
}
