import { isId } from '../../lib/id.ts';
import type { Keyring } from '../../lib/keyring.ts';
import type { Database } from '../../platform/database.ts';
import type { JudgedLicense, LicenseRecord, NamedActivation } from './judgement.ts';

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

/** The licenses that these keys, by the hashes they may be stored under, open. */
export async function readOpened(
  database: Reader,
  keyOf: ReadonlyMap<string, string>,
): Promise<Map<string, LicenseRecord>> {
  const opened = new Map<string, LicenseRecord>();
  for (const { digest, ...record } of await readRecords(database, [...keyOf.keys()].map(digestNamed)))
    opened.set(keyOf.get(digestName(digest)) ?? '', record);
  return opened;
}

/** What a license is judged by, and which version of its row that was, and where it lay. */
export interface VersionedLicense extends JudgedLicense {
  version: string;
  place: string;
}

/** What these keys, by the hashes they may be stored under, open. */
export async function readVersions(
  database: Reader,
  keyOf: ReadonlyMap<string, string>,
): Promise<Map<string, VersionedLicense>> {
  const digests = [...keyOf.keys()].map(digestNamed);
  const rows = await database.read<VersionedLicense & { digest: Buffer }>('license versions', VERSIONS_BY_DIGEST, [
    digests,
  ]);
  return new Map(rows.map(({ digest, ...license }) => [keyOf.get(digestName(digest)) ?? '', license]));
}

/** Which key, in its normal spelling, each hash stands for that it may be stored under. */
export function keysByDigest(keyring: Keyring, keys: readonly string[]): Map<string, string> {
  const keyOf = new Map<string, string>();
  for (const key of new Set(keys)) for (const digest of keyring.digests(key)) keyOf.set(digestName(digest), key);
  return keyOf;
}

/** The activations that these name, by their ids. */
export async function readNamedActivations(
  database: Reader,
  named: readonly { activationId?: string | null }[],
): Promise<Map<string, NamedActivation>> {
  const ids = named.map(({ activationId }) => activationId ?? '').filter((id) => isId('activation', id));
  const found = ids.length > 0 ? await readActivations(database, ids) : [];
  return new Map(found.map((one) => [one.id, one]));
}

/** The activations that have not been deactivated among these. */
export const readActivations = (
  database: Reader,
  ids: readonly string[],
): Promise<(NamedActivation & { customerId: string })[]> =>
  database.read('license activations', ACTIVATIONS_BY_ID, [ids]);

/** A hash as a name in a map. */
export const digestName = (digest: Uint8Array): string => asBuffer(digest).toString('latin1');
export const digestNamed = (name: string): Buffer => Buffer.from(name, 'latin1');

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

const VERSIONS_BY_DIGEST = `
  SELECT s.digest, l.id, l."organizationId", l."customerId", l."benefitId", l.status::text, l.usage, l."limitUsage",
    l."activationsRequired", l."expiresAt", s."validUntil" AS "secretUntil", g."entitledUntil", g."stoppedAt",
    l.xmin::text AS version, l.ctid::text AS place
  FROM "LicenseSecret" s
  JOIN "LicenseKey" l ON l.id = s."licenseKeyId"
  JOIN "BenefitGrant" g ON g.id = l."grantId"
  WHERE s.digest = ANY($1::bytea[])`;

const RECORDS_BY_DIGEST = `${RECORDS} WHERE s.digest = ANY($1::bytea[])`;

const RECORD_BY_ID = `${RECORDS} WHERE l.id = $1 ORDER BY s."validUntil" DESC NULLS FIRST LIMIT 1`;

const ACTIVATIONS_BY_ID = `
  SELECT a.id, a."licenseKeyId", a.label, a.fingerprint, a.conditions, l."customerId"
  FROM "LicenseActivation" a JOIN "LicenseKey" l ON l.id = a."licenseKeyId"
  WHERE a.id = ANY($1::text[]) AND a."deactivatedAt" IS NULL`;
