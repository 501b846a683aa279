import { checkInteger } from '../../lib/checks.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { prefixOf } from '../../lib/license-key.ts';
import { after, DAY_MS } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { type Key, newSecret, snapshot } from './keys.ts';
import { lock } from './locking.ts';

const COUNT_LIMIT = 2_147_483_647;
const LONGEST_GRACE_DAYS = 30;

interface Named {
  organizationId: string;
  id: string;
}

export interface KeyChanges {
  status?: 'GRANTED' | 'DISABLED';
  limitActivations?: number | null;
  limitUsage?: number | null;
  expiresAt?: Date | null;
  usage?: number;
}

/**
 * Changes one license apart from its benefit. Limits and expiry that are named here are this license's own from then
 * on: edits of the benefit leave them. Absent keeps, null lifts the limit.
 */
export async function update(tx: Tx, { organizationId, id, ...changes }: Named & KeyChanges): Promise<Key> {
  const before = await find(tx, { organizationId, id });
  const { status, limitActivations, limitUsage, expiresAt, usage } = changes;
  const limits = {
    ...(limitActivations !== undefined && { limitActivations: limitActivations && checkInteger(limitActivations, ['limitActivations'], 1, COUNT_LIMIT) }),
    ...(limitUsage !== undefined && { limitUsage: limitUsage && checkInteger(limitUsage, ['limitUsage'], 1, COUNT_LIMIT) }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
  const key = await tx.db.licenseKey.update({
    where: { id },
    data: {
      ...limits,
      overrides: [...new Set([...before.overrides, ...Object.keys(limits)])],
      ...(status !== undefined && { status }),
      ...(usage !== undefined && { usage: checkInteger(usage, ['usage'], 0, COUNT_LIMIT) }),
      updatedAt: tx.now,
    },
  });
  if (key.status !== before.status) tell(tx, key.status === 'DISABLED' ? 'license_key.disabled' : 'license_key.enabled', key);
  else tell(tx, 'license_key.updated', key, Object.keys(changes));
  return key;
}

/**
 * Gives a license another key. The old one keeps working through the days of grace; both are one license with one
 * budget.
 */
export async function rotate(tx: Tx, { graceDays, ...named }: Named & { graceDays?: number | null }): Promise<Key> {
  const before = await find(tx, named);
  const grace = checkInteger(graceDays ?? 0, ['graceDays'], 0, LONGEST_GRACE_DAYS);
  const validUntil = after(tx.now, grace * DAY_MS);
  await tx.db.licenseSecret.updateMany({
    where: { licenseKeyId: before.id, OR: [{ validUntil: null }, { validUntil: { gt: validUntil } }] },
    data: { validUntil },
  });
  const { sealed } = await tx.db.licenseKey.findUniqueOrThrow({ where: { id: before.id }, select: { sealed: true } });
  const { digest, ...secret } = newSecret(tx, prefixOf(tx.keyring.open(sealed)));
  const key = await tx.db.licenseKey.update({
    where: { id: before.id },
    data: { ...secret, secrets: { create: { digest, createdAt: tx.now } }, updatedAt: tx.now },
  });
  tell(tx, 'license_key.rotated', key);
  return key;
}

async function find(tx: Tx, { organizationId, id }: Named): Promise<Key> {
  await lock(tx, id);
  const key = await tx.db.licenseKey.findFirst({ where: { id, organizationId } });
  if (!key) throw new NotFoundError('license key', ['id']);
  return key;
}

function tell(tx: Tx, type: string, key: Key, changed?: string[]): void {
  const { organizationId, customerId, id } = key;
  tx.append({ organizationId, type, customerId, subjectId: id, data: { licenseKey: snapshot(key), ...(changed && { changed }) } });
}
