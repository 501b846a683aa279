import { isId } from '../../lib/id.ts';
import type { Keyring } from '../../lib/keyring.ts';
import { normalizeLicenseKey } from '../../lib/license-key.ts';
import type { Database } from '../../platform/database.ts';
import { type LicenseRecord, type NamedActivation, type Reason, refusals, type Scope } from './judgement.ts';

export interface Question extends Scope {
  key: string;
}

/** Always an answer: a refused license is no error. */
export interface Answer {
  valid: boolean;
  /** The first reason that applies; `VALID` when none does. */
  code: Reason | 'VALID';
  reasons: Reason[];
  usage: number | null;
  limitUsage: number | null;
  expiresAt: Date | null;
  activations: { used: number; limit: number | null } | null;
  activation: { id: string; label: string } | null;
  customer: { id: string; externalId: string | null } | null;
}

/** Whether this license may be used, in this scope, now. */
export async function validate(database: Database, at: { keyring: Keyring; now: Date }, question: Question): Promise<Answer> {
  const record = await findByKey(database, at.keyring, question.key);
  const activation = record && question.activationId ? await findActivation(database, question.activationId) : null;
  const reasons = refusals(record, activation, question, at.now);
  const known = record !== null && reasons[0] !== 'NOT_FOUND';
  return {
    valid: reasons.length === 0,
    code: reasons[0] ?? 'VALID',
    reasons,
    usage: known ? record.usage : null,
    limitUsage: known ? record.limitUsage : null,
    expiresAt: known ? record.expiresAt : null,
    activations: known ? { used: record.activationsUsed, limit: record.limitActivations } : null,
    activation: known && activation?.licenseKeyId === record.id ? { id: activation.id, label: activation.label } : null,
    customer: known ? { id: record.customerId, externalId: record.customerExternalId } : null,
  };
}

/** What judgement needs about a key, in one statement; null when nobody was given it. */
export async function findByKey(database: Database, keyring: Keyring, key: string): Promise<LicenseRecord | null> {
  const digests = keyring.digests(normalizeLicenseKey(key)).map((digest) => Buffer.from(digest));
  const [record] = await database.read<LicenseRecord>('license-by-digest', LICENSE_BY_DIGEST, [digests]);
  return record ?? null;
}

const LICENSE_BY_DIGEST = `
  SELECT l.id, l."organizationId", l."customerId", l."benefitId", l.status, l.usage, l."limitUsage", l."limitActivations",
    l."activationsRequired", l."expiresAt", s."validUntil" AS "secretUntil", g."entitledUntil", g."stoppedAt", c."externalId" AS "customerExternalId",
    (SELECT count(*)::int FROM "LicenseActivation" a WHERE a."licenseKeyId" = l.id AND a."deactivatedAt" IS NULL) AS "activationsUsed"
  FROM "LicenseSecret" s
  JOIN "LicenseKey" l ON l.id = s."licenseKeyId"
  JOIN "BenefitGrant" g ON g.id = l."grantId"
  JOIN "Customer" c ON c.id = l."customerId"
  WHERE s.digest = ANY($1)`;

async function findActivation(database: Database, id: string): Promise<NamedActivation | null> {
  if (!isId('activation', id)) return null;
  const [activation] = await database.read<NamedActivation>(
    'license-activation',
    'SELECT id, "licenseKeyId", label, fingerprint, conditions FROM "LicenseActivation" WHERE id = $1 AND "deactivatedAt" IS NULL',
    [id],
  );
  return activation ?? null;
}
