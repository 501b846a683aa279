import { normalizeLicenseKey } from '../../lib/license-key.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { LicenseRecord } from './judgement.ts';
import { digestNamed, keysByDigest, type Reader, readOpened } from './records.ts';

/** Changes of one license come one after the other. */
export const lock = (tx: Tx, licenseKeyId: string): Promise<void> => lockAll(tx, [licenseKeyId]);

/** The same of several, taken in the order in which everyone takes them: as this process sorts, whatever the database's language. */
export async function lockAll(tx: Tx, licenseKeyIds: readonly string[]): Promise<void> {
  await tx.db.$queryRaw`
    SELECT 1 FROM "LicenseKey" WHERE id = ANY(${licenseKeyIds}) ORDER BY id COLLATE "C" FOR NO KEY UPDATE`;
  tx.now = tx.clock();
}

/** The license a key opens, locked, with what judgement needs; null when it opens none. */
export async function lockByKey(tx: Tx, text: string): Promise<LicenseRecord | null> {
  const key = normalizeLicenseKey(text);
  return (await lockByKeys(tx, [key])).get(key) ?? null;
}

/**
 * The licenses that these keys, in their normal spelling, open. Each is locked and then read: nothing that is known
 * about it is older than its lock.
 */
export async function lockByKeys(tx: Tx, keys: readonly string[]): Promise<Map<string, LicenseRecord>> {
  const keyOf = keysByDigest(tx.keyring, keys);
  const digests = [...keyOf.keys()].map(digestNamed);
  await tx.db.$queryRaw`
    SELECT 1 FROM "LicenseKey"
    WHERE id IN (SELECT "licenseKeyId" FROM "LicenseSecret" WHERE digest = ANY(${digests}::bytea[]))
    ORDER BY id COLLATE "C" FOR NO KEY UPDATE`;
  tx.now = tx.clock();
  return readOpened(readerIn(tx), keyOf);
}

/** Reads what a transaction sees, its own changes included. */
export const readerIn = ({ db }: Tx): Reader => ({
  read: (_name, text, values) => db.$queryRawUnsafe(text, ...values),
});
