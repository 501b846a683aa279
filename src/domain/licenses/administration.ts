import { checkIfAny, checkInteger } from '../../lib/checks.ts';
import { differences } from '../../lib/difference.ts';
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
  const data = checked(changes);
  const changed = differences(before, data);
  const named = LIMITS.filter((name) => data[name] !== undefined);
  const overrides = [...new Set([...before.overrides, ...named])];
  if (changed.length === 0 && overrides.length === before.overrides.length) return before;
  const key = await tx.db.licenseKey.update({ where: { id }, data: { ...data, overrides, updatedAt: tx.now } });
  if (changed.includes('status')) tell(tx, `license_key.${key.status === 'DISABLED' ? 'disabled' : 'enabled'}`, key);
  const others = changed.filter((name) => name !== 'status');
  if (others.length > 0) tell(tx, 'license_key.updated', key, others);
  return key;
}

/** Limits that a license can have apart from its benefit. */
const LIMITS = ['limitActivations', 'limitUsage', 'expiresAt'] as const;

/** What was named, each within its bounds. */
function checked(changes: KeyChanges): KeyChanges {
  const limit = (name: string) => (value: number) => checkInteger(value, [name], 1, COUNT_LIMIT);
  const { limitActivations, limitUsage, usage } = changes;
  checkIfAny(limitActivations, limit('limitActivations'));
  checkIfAny(limitUsage, limit('limitUsage'));
  checkIfAny(usage, (value) => checkInteger(value, ['usage'], 0, COUNT_LIMIT));
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
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
  tx.append({
    organizationId,
    type,
    customerId,
    subjectId: id,
    data: { licenseKey: snapshot(key), ...(changed && { changed }) },
  });
}
