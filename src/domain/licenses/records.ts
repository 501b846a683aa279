import type { Database } from '../../platform/database.ts';
import type { LicenseRecord, NamedActivation } from './judgement.ts';

/** What judgement needs about a key, and the hash that found it. */
export interface FoundRecord extends LicenseRecord {
  digest: Buffer;
}

/** Everything judgement needs about these keys, in one statement. Keys nobody was given are missing. */
export const readRecords = (database: Reader, digests: readonly Uint8Array[]): Promise<FoundRecord[]> =>
  database.read<FoundRecord>('licenses by digest', RECORDS_BY_DIGEST, [digests.map(asBuffer)]);

/** The same about one license by its id, as its newest key finds it. */
export const readRecordsById = (database: Reader, id: string): Promise<FoundRecord[]> =>
  database.read<FoundRecord>('license by id', RECORD_BY_ID, [id]);

/** The activations that have not been deactivated among these. */
export const readActivations = (
  database: Reader,
  ids: readonly string[],
): Promise<(NamedActivation & { customerId: string })[]> =>
  database.read('license activations', ACTIVATIONS_BY_ID, [ids]);

/** A hash as a name in a map. */
export const digestName = (digest: Uint8Array): string => asBuffer(digest).toString('latin1');

/** Whatever runs a statement: the pool, or a transaction. */
export type Reader = Pick<Database, 'read'>;

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const RECORDS = `
  SELECT s.digest, l.id, l."organizationId", l."customerId", l."benefitId", l.status::text, l.usage, l."limitUsage",
    l."limitActivations", l."activationsRequired", l."expiresAt", s."validUntil" AS "secretUntil",
    g."entitledUntil", g."stoppedAt", c."externalId" AS "customerExternalId",
    (SELECT count(*)::int FROM "LicenseActivation" a
     WHERE a."licenseKeyId" = l.id AND a."deactivatedAt" IS NULL) AS "activationsUsed"
  FROM "LicenseSecret" s
  JOIN "LicenseKey" l ON l.id = s."licenseKeyId"
  JOIN "BenefitGrant" g ON g.id = l."grantId"
  JOIN "Customer" c ON c.id = l."customerId"`;

const RECORDS_BY_DIGEST = `${RECORDS} WHERE s.digest = ANY($1::bytea[])`;

const RECORD_BY_ID = `${RECORDS} WHERE l.id = $1 ORDER BY s."validUntil" DESC NULLS FIRST LIMIT 1`;

const ACTIVATIONS_BY_ID = `
  SELECT a.id, a."licenseKeyId", a.label, a.fingerprint, a.conditions, l."customerId"
  FROM "LicenseActivation" a JOIN "LicenseKey" l ON l.id = a."licenseKeyId"
  WHERE a.id = ANY($1::text[]) AND a."deactivatedAt" IS NULL`;
