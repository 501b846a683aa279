import type { Organization } from '../../prisma/generated/client/client.ts';
import { checkEmail, checkIfAny, checkInteger, checkText } from '../lib/checks.ts';
import { newId } from '../lib/id.ts';
import type { Tx } from '../platform/unit-of-work.ts';

const LONGEST_GRACE_DAYS = 365;

/** A new merchant, with nothing in it. */
export function create(tx: Tx, { name }: { name: string }): Promise<Organization> {
  const data = { id: newId('organization', tx.now), name: checkText(name, ['name'], 200), createdAt: tx.now, updatedAt: tx.now };
  return tx.db.organization.create({ data });
}

/** Absent keeps, null clears. A change of grace days reaches every customer who is behind with paying. */
export async function update(
  tx: Tx,
  input: { organizationId: string; name?: string; graceDays?: number; supportEmail?: string | null },
): Promise<Organization> {
  const { organizationId: id, name, graceDays, supportEmail } = input;
  const organization = await tx.db.organization.update({
    where: { id },
    data: {
      ...(name !== undefined && { name: checkText(name, ['name'], 200) }),
      ...(graceDays !== undefined && { graceDays: checkInteger(graceDays, ['graceDays'], 0, LONGEST_GRACE_DAYS) }),
      ...(supportEmail !== undefined && { supportEmail: checkIfAny(supportEmail, (value) => checkEmail(value, ['supportEmail'])) }),
      updatedAt: tx.now,
    },
  });
  if (graceDays !== undefined) {
    await tx.db.customer.updateMany({
      where: { organizationId: id, subscriptions: { some: { status: 'PAST_DUE' } } },
      data: { settleAt: tx.now },
    });
  }
  return organization;
}
