import type { LicenseActivation, LicenseKey, Prisma } from '../../../prisma/generated/client/client.ts';
import { checkMetadata, checkText } from '../../lib/checks.ts';
import { ConflictError, LicenseRefusedError, LimitReachedError, NotFoundError } from '../../lib/errors.ts';
import { isId, newSecretId } from '../../lib/id.ts';
import { normalizeLicenseKey } from '../../lib/license-key.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { type Reason, refusals } from './judgement.ts';
import { snapshot } from './keys.ts';

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
  const fingerprint = input.fingerprint ? checkText(input.fingerprint, ['fingerprint'], 200) : null;
  const conditions = checkMetadata(input.conditions ?? {}, ['conditions']);
  const meta = checkMetadata(input.meta ?? {}, ['meta']);
  const key = await lockByKey(tx, input.key);
  const grant = key && (await tx.db.benefitGrant.findUniqueOrThrow({ where: { id: key.grantId } }));
  const [reason] = refusals(key && grant && { ...key, ...entitlement(grant), ...UNCOUNTED }, null, { organizationId: input.organizationId ?? null }, tx.now)
    .filter((candidate) => !IRRELEVANT.includes(candidate));
  if (reason || !key) throw new LicenseRefusedError(reason ?? 'NOT_FOUND', EXPLAINED[reason ?? 'NOT_FOUND'] ?? 'The license key is refused.', ['key']);

  const standing = fingerprint && (await tx.db.licenseActivation.findFirst({ where: { licenseKeyId: key.id, fingerprint, deactivatedAt: null } }));
  if (standing) return standing;
  await refuseOverLimit(tx, key);
  const activation = await tx.db.licenseActivation.create({
    data: { id: newSecretId('activation', tx.now), licenseKeyId: key.id, label, fingerprint, conditions, meta, createdAt: tx.now },
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
    ? await tx.db.licenseActivation.findUnique({ where: { id: activationId }, include: { licenseKey: { omit: { digest: false } } } })
    : null;
  if (!found || (organizationId && found.licenseKey.organizationId !== organizationId)) throw new NotFoundError('activation', ['activationId']);
  if (key && !tx.keyring.digests(normalizeLicenseKey(key)).some((digest) => Buffer.from(digest).equals(found.licenseKey.digest))) {
    throw new NotFoundError('activation', ['activationId']);
  }
  await tx.db.$queryRaw`SELECT 1 FROM "LicenseKey" WHERE id = ${found.licenseKeyId} FOR NO KEY UPDATE`;
  const before = await tx.db.licenseActivation.findUniqueOrThrow({ where: { id: activationId } });
  if (before.deactivatedAt) return before;
  const activation = await tx.db.licenseActivation.update({ where: { id: activationId }, data: { deactivatedAt: tx.now } });
  tell(tx, 'license_key.deactivated', found.licenseKey, activation);
  return activation;
}

/** Reasons that speak about a use of the license, not about a machine that wants a slot. */
const IRRELEVANT: readonly Reason[] = ['ACTIVATION_REQUIRED', 'USAGE_EXCEEDED'];

const EXPLAINED: Partial<Record<Reason, string>> = {
  NOT_FOUND: 'There is no such license key.',
  REVOKED: 'The license was revoked.',
  DISABLED: 'The license is disabled.',
  EXPIRED: 'The license has expired.',
};

const UNCOUNTED = { customerExternalId: null, activationsUsed: 0 } as const;

const entitlement = ({ entitledUntil, stoppedAt }: { entitledUntil: Date | null; stoppedAt: Date | null }) => ({ entitledUntil, stoppedAt });

async function lockByKey(tx: Tx, text: string): Promise<Omit<LicenseKey, 'digest' | 'sealed'> | null> {
  const digests = tx.keyring.digests(normalizeLicenseKey(text)).map((digest) => Buffer.from(digest));
  const [found] = await tx.db.$queryRaw<{ id: string }[]>`SELECT id FROM "LicenseKey" WHERE digest = ANY(${digests}) FOR NO KEY UPDATE`;
  tx.now = tx.clock();
  return found ? tx.db.licenseKey.findUniqueOrThrow({ where: { id: found.id } }) : null;
}

async function refuseOverLimit(tx: Tx, key: Pick<LicenseKey, 'id' | 'limitActivations'>): Promise<void> {
  if (key.limitActivations === null) {
    throw new ConflictError('This license does not count activations: its benefit sets no limit of them.', ['key']);
  }
  const used = await tx.db.licenseActivation.count({ where: { licenseKeyId: key.id, deactivatedAt: null } });
  if (used >= key.limitActivations) {
    const message = `All ${key.limitActivations} activations of this license are in use; deactivate one first.`;
    throw new LimitReachedError(message, key.limitActivations, ['key']);
  }
}

function tell(tx: Tx, type: string, key: Parameters<typeof snapshot>[0], activation: LicenseActivation): void {
  const { id, label, fingerprint, meta, createdAt, deactivatedAt } = activation;
  tx.append({
    organizationId: key.organizationId,
    type,
    customerId: key.customerId,
    subjectId: key.id,
    data: { licenseKey: snapshot(key), activation: { id, label, fingerprint, meta: meta as Prisma.JsonObject, createdAt, deactivatedAt } },
  });
}
