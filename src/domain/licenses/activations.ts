import type { LicenseActivation, Prisma } from '../../../prisma/generated/client/client.ts';
import { checkIfAny, checkMetadata, checkText } from '../../lib/checks.ts';
import { ConflictError, LicenseRefusedError, LimitReachedError, NotFoundError } from '../../lib/errors.ts';
import { isId, newSecretId } from '../../lib/id.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { explain, type LicenseRecord, type Reason, refusals } from './judgement.ts';
import { type Key, snapshot } from './keys.ts';
import { lock, lockByKey, readByKey } from './locking.ts';

export interface NewActivation {
  key: string;
  organizationId?: string | null;
  label: string;
  fingerprint?: string | null;
  conditions?: unknown;
  meta?: unknown;
}

/**
 * Takes one of the license's slots for a machine. The same fingerprint again answers the same activation and takes
 * none. However many call at once, the limit holds: they come one after the other.
 */
export async function activate(tx: Tx, input: NewActivation): Promise<LicenseActivation> {
  const label = checkText(input.label, ['label'], 200);
  const fingerprint = checkIfAny(input.fingerprint, (value) => checkText(value, ['fingerprint'], 200));
  const conditions = checkMetadata(input.conditions ?? {}, ['conditions']);
  const meta = checkMetadata(input.meta ?? {}, ['meta']);
  // Who comes too late learns it without queueing for the license.
  const seen = usable(await readByKey(tx, input.key), input, tx.now);
  if (!(await find(tx, seen, fingerprint))) refuseOverLimit(seen);
  const record = usable(await lockByKey(tx, input.key), input, tx.now);
  const standing = await find(tx, record, fingerprint);
  if (standing) return standing;
  refuseOverLimit(record);
  const key = await tx.db.licenseKey.findUniqueOrThrow({ where: { id: record.id } });
  const activation = await tx.db.licenseActivation.create({
    data: {
      id: newSecretId('activation', tx.now),
      licenseKeyId: key.id,
      label,
      fingerprint,
      conditions,
      meta,
      createdAt: tx.now,
    },
  });
  tell(tx, 'license_key.activated', key, activation);
  return activation;
}

/** Frees the slot. The id alone is enough, since nobody can guess it; twice is harmless. */
export async function deactivate(
  tx: Tx,
  { activationId, key, organizationId }: { activationId: string; key?: string | null; organizationId?: string | null },
): Promise<LicenseActivation> {
  const found = isId('activation', activationId)
    ? await tx.db.licenseActivation.findUnique({ where: { id: activationId }, include: { licenseKey: true } })
    : null;
  if (!found || (organizationId && found.licenseKey.organizationId !== organizationId))
    throw new NotFoundError('activation', ['activationId']);
  if (key && (await lockByKey(tx, key))?.id !== found.licenseKeyId)
    throw new NotFoundError('activation', ['activationId']);
  await lock(tx, found.licenseKeyId);
  const before = await tx.db.licenseActivation.findUniqueOrThrow({ where: { id: activationId } });
  if (before.deactivatedAt) return before;
  const activation = await tx.db.licenseActivation.update({
    where: { id: activationId },
    data: { deactivatedAt: tx.now },
  });
  tell(tx, 'license_key.deactivated', found.licenseKey, activation);
  return activation;
}

/** Reasons that speak about a use of the license, not about a machine that wants a slot. */
const IRRELEVANT: readonly Reason[] = ['ACTIVATION_REQUIRED', 'USAGE_EXCEEDED'];

/** The license, if a machine may be activated on it at all. */
function usable(record: LicenseRecord | null, { organizationId }: NewActivation, now: Date): LicenseRecord {
  const [reason] = refusals(record, null, { organizationId }, now).filter((one) => !IRRELEVANT.includes(one));
  if (!reason && record) return record;
  throw new LicenseRefusedError(reason ?? 'NOT_FOUND', explain(reason ?? 'NOT_FOUND'), ['key']);
}

/** The activation this machine has already. */
const find = async (tx: Tx, { id }: LicenseRecord, fingerprint: string | null): Promise<LicenseActivation | null> =>
  fingerprint
    ? tx.db.licenseActivation.findFirst({ where: { licenseKeyId: id, fingerprint, deactivatedAt: null } })
    : null;

function refuseOverLimit({ limitActivations: limit, activationsUsed }: LicenseRecord): void {
  if (limit === null) {
    throw new ConflictError('This license does not count activations: its benefit sets no limit of them.', ['key']);
  }
  if (activationsUsed >= limit) {
    const message = `All ${limit} activations of this license are in use; deactivate one first.`;
    throw new LimitReachedError(message, limit, ['key']);
  }
}

function tell(tx: Tx, type: string, key: Key, activation: LicenseActivation): void {
  const { id, label, fingerprint, meta, createdAt, deactivatedAt } = activation;
  tx.append({
    organizationId: key.organizationId,
    type,
    customerId: key.customerId,
    subjectId: key.id,
    data: {
      licenseKey: snapshot(key),
      activation: { id, label, fingerprint, meta: meta as Prisma.JsonObject, createdAt, deactivatedAt },
    },
  });
}
