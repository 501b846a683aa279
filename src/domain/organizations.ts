import type { Organization } from '../../prisma/generated/client/client.ts';
import { checkEmail, checkIfAny, checkInteger, checkText } from '../lib/checks.ts';
import { differences } from '../lib/difference.ts';
import { newId } from '../lib/id.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import { type Branding, checkBranding } from './branding.ts';

const LONGEST_GRACE_DAYS = 365;

/** A new merchant, with nothing in it. */
export function create(tx: Tx, { name }: { name: string }): Promise<Organization> {
  const data = {
    id: newId('organization', tx.now),
    name: checkText(name, ['name'], 200),
    createdAt: tx.now,
    updatedAt: tx.now,
  };
  return tx.db.organization.create({ data });
}

/** Absent keeps, null clears. A change of grace days reaches every customer who is behind with paying. */
export async function update(
  tx: Tx,
  input: Branding & { organizationId: string; name?: string; graceDays?: number; supportEmail?: string | null },
): Promise<Organization> {
  const { organizationId: id, name, graceDays, supportEmail } = input;
  const data = {
    ...(name !== undefined && { name: checkText(name, ['name'], 200) }),
    ...(graceDays !== undefined && { graceDays: checkInteger(graceDays, ['graceDays'], 0, LONGEST_GRACE_DAYS) }),
    ...(supportEmail !== undefined && {
      supportEmail: checkIfAny(supportEmail, (value) => checkEmail(value, ['supportEmail'])),
    }),
    ...checkBranding(input),
  };
  const changed = differences(await tx.db.organization.findUniqueOrThrow({ where: { id } }), data);
  if (changed.includes('graceDays')) await reachThoseBehind(tx, id);
  return tx.db.organization.update({ where: { id }, data: { ...data, updatedAt: tx.now } });
}

/** Whoever falls behind meanwhile waits for a change of grace days that is under way, and one that comes later for them. */
export async function holdGraceDays(tx: Tx, id: string): Promise<void> {
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock_shared(hashtextextended(${`grace days of ${id}`}, 0))`;
}

/** Customers before their organization, and in order, as everywhere. */
async function reachThoseBehind(tx: Tx, id: string): Promise<void> {
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`grace days of ${id}`}, 0))`;
  await tx.db.$executeRaw`
    UPDATE "Customer" SET "settleAt" = ${tx.now} WHERE id IN (
      SELECT id FROM "Customer" WHERE "organizationId" = ${id}
        AND id IN (SELECT "customerId" FROM "Subscription" WHERE "organizationId" = ${id} AND status = 'PAST_DUE')
      ORDER BY id FOR NO KEY UPDATE)`;
}
