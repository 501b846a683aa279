import { normalizeLicenseKey } from '../../lib/license-key.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { LicenseRecord } from './judgement.ts';
import type { Key } from './keys.ts';

/** Changes of one license come one after the other. */
export async function lock(tx: Tx, licenseKeyId: string): Promise<void> {
  await tx.db.$queryRaw`SELECT 1 FROM "LicenseKey" WHERE id = ${licenseKeyId} FOR NO KEY UPDATE`;
  tx.now = tx.clock();
}

/** The license a key opens, locked, with what judgement needs; null when it opens none. */
export async function lockByKey(tx: Tx, text: string): Promise<{ key: Key; record: LicenseRecord } | null> {
  const digests = tx.keyring.digests(normalizeLicenseKey(text));
  const secret = await tx.db.licenseSecret.findFirst({ where: { digest: { in: digests } }, select: { licenseKeyId: true, validUntil: true } });
  if (!secret) return null;
  await lock(tx, secret.licenseKeyId);
  const { grant, customer, ...key } = await tx.db.licenseKey.findUniqueOrThrow({
    where: { id: secret.licenseKeyId },
    include: { grant: { select: { entitledUntil: true, stoppedAt: true } }, customer: { select: { externalId: true } } },
  });
  // Who counts activations counts them under the lock; judgement here does not ask.
  const record = { ...key, ...grant, customerExternalId: customer.externalId, secretUntil: secret.validUntil, activationsUsed: 0 };
  return { key, record };
}
