import type { Database } from '../../platform/database.ts';

/** What its header calls the list of revoked licenses. */
export const REVOCATIONS_TYPE = 'boon-license-revocations+jwt';

/**
 * The signed licenses that have not lapsed and would not be given out again: by the ids that each carries as `jti`.
 * What was signed under a key that was rotated away since is among them.
 */
export async function readRevocations(database: Database, now: Date): Promise<string[]> {
  const rows = await database.read<{ id: string }>('license revocations', REVOKED, [now]);
  return rows.map(({ id }) => id);
}

const REVOKED = `
  SELECT c.id FROM "LicenseCheckout" c
  JOIN "LicenseKey" l ON l.id = c."licenseKeyId"
  JOIN "BenefitGrant" g ON g.id = l."grantId"
  LEFT JOIN "LicenseActivation" a ON a.id = c."activationId"
  WHERE c."expiresAt" > $1 AND (
    l.status = 'DISABLED' OR g."stoppedAt" IS NOT NULL OR g."entitledUntil" <= $1 OR l."expiresAt" <= $1
    OR a."deactivatedAt" IS NOT NULL
    OR NOT EXISTS (
      SELECT 1 FROM "LicenseSecret" s WHERE s."licenseKeyId" = l.id AND s."createdAt" <= c."createdAt"
      AND (s."validUntil" IS NULL OR s."validUntil" > $1)
    )
  )
  ORDER BY c.id`;
