import { randomBytes } from 'node:crypto';
import { openKeyring } from '../../src/lib/keyring.ts';
import { newLicenseKey, normalizeLicenseKey } from '../../src/lib/license-key.ts';
import type { Boon, openBoon } from '../support/boon.ts';
import { createBenefit, licenseKeys } from '../support/catalog.ts';

const BATCH = 5_000;

/** Sells that many keys, straight into the tables; answers those that will be asked about, taken from all of them alike. */
export async function sellKeys(boon: Boon, count: number, wanted: number): Promise<string[]> {
  const benefitId = await createBenefit(boon, licenseKeys('License'));
  const keyring = openKeyring([boon.secret]);
  const sealed = Buffer.from(keyring.seal('not shown')).toString('hex');
  const asked: string[] = [];
  for (let from = 0; from < count; from += BATCH) {
    const run = randomBytes(4).toString('hex');
    const keys = Array.from({ length: Math.min(BATCH, count - from) }, () => newLicenseKey('BENCH'));
    const digests = keys.map((key) => Buffer.from(keyring.digest(normalizeLicenseKey(key))).toString('hex'));
    await insert(boon, { benefitId, run, sealed, digests });
    asked.push(...keys.filter((_, at) => (from + at) % Math.max(1, Math.floor(count / wanted)) === 0));
  }
  for (const table of ['Customer', 'ManualGrant', 'BenefitGrant', 'LicenseKey', 'LicenseSecret']) {
    await boon.database.prisma.$executeRawUnsafe(`VACUUM ANALYZE "${table}"`);
  }
  return asked.sort(() => Math.random() - 0.5);
}

async function insert(
  { database: { prisma }, organizationId }: Awaited<ReturnType<typeof openBoon>>,
  { benefitId, run, sealed, digests }: { benefitId: string; run: string; sealed: string; digests: string[] },
): Promise<void> {
  const now = new Date();
  const last = digests.length - 1;
  await prisma.$transaction([
    // What refers to what is right by construction; looking it up would take half of the time. And nothing waits for the disk.
    prisma.$executeRaw`SET LOCAL session_replication_role = replica`,
    prisma.$executeRaw`SET LOCAL synchronous_commit = off`,
    prisma.$executeRaw`
      INSERT INTO "Customer" (id, "organizationId", email, "createdAt", "updatedAt")
      SELECT 'cus_' || ${run} || n, ${organizationId}, ${run} || n || '@example.com', ${now}, ${now}
      FROM generate_series(0, ${last}::int) AS n`,
    prisma.$executeRaw`
      INSERT INTO "ManualGrant" (id, "customerId", "benefitId", "createdAt", "updatedAt")
      SELECT 'man_' || ${run} || n, 'cus_' || ${run} || n, ${benefitId}, ${now}, ${now}
      FROM generate_series(0, ${last}::int) AS n`,
    prisma.$executeRaw`
      INSERT INTO "BenefitGrant" (id, "organizationId", "customerId", "benefitId", "manualGrantId", position, state, "createdAt", "updatedAt")
      SELECT 'grt_' || ${run} || n, ${organizationId}, 'cus_' || ${run} || n, ${benefitId}, 'man_' || ${run} || n, 0, 'ACTIVE', ${now}, ${now}
      FROM generate_series(0, ${last}::int) AS n`,
    prisma.$executeRaw`
      INSERT INTO "LicenseKey" (id, "organizationId", "customerId", "benefitId", "grantId", sealed, "displayKey", "limitActivations", overrides, "createdAt", "updatedAt")
      SELECT 'lic_' || ${run} || n, ${organizationId}, 'cus_' || ${run} || n, ${benefitId}, 'grt_' || ${run} || n,
        decode(${sealed}, 'hex'), 'BENCH-****', 3, '{}', ${now}, ${now}
      FROM generate_series(0, ${last}::int) AS n`,
    prisma.$executeRaw`
      INSERT INTO "LicenseSecret" (digest, "licenseKeyId", "createdAt")
      SELECT decode(d, 'hex'), 'lic_' || ${run} || (n - 1), ${now}
      FROM unnest(${digests}::text[]) WITH ORDINALITY AS u(d, n)`,
  ]);
}
