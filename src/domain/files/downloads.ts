import type { Storage } from '../../lib/storage.ts';
import type { Database } from '../../platform/database.ts';
import { type DownloadFacts, type Refusal, refusal } from './judgement.ts';
import type { Offer } from './links.ts';
import { keyOf } from './uploads.ts';

/** How long the store's own URL is good; whoever has it needs nothing else. */
const STORE_SECONDS = 60;

export type Download = { is: 'refused'; because: Refusal | 'UNKNOWN' } | { is: 'given'; url: string };

type Found = DownloadFacts & { organizationId: string; customerId: string; name: string; contentType: string };

/**
 * Judges an offer as things stand at this moment, counts it if it is `counted`, and answers the store's URL. That URL
 * says nothing about who the customer is.
 */
export async function redeem(
  { database, storage }: { database: Database; storage: Storage },
  offer: Offer,
  { now, counted }: { now: Date; counted: boolean },
): Promise<Download> {
  const [found] = await database.read<Found>('download', FACTS, [offer.grantId, offer.versionId]);
  const because = found ? refusal(found, now) : 'UNKNOWN';
  if (!found || because) return { is: 'refused', because: because ?? 'UNKNOWN' };
  const { name, contentType, organizationId, versionId, customerId } = found;
  if (counted) await database.read('count download', COUNT, [versionId, customerId, now]);
  const key = keyOf({ organizationId, id: versionId });
  return { is: 'given', url: await storage.signDownload(key, { name, contentType, seconds: STORE_SECONDS }) };
}

const FACTS = `
  SELECT g.state, g."entitledUntil", g."stoppedAt", g."organizationId", g."customerId",
    b."deletedAt" AS "benefitDeletedAt", b.properties,
    f.id AS "fileId", f.name, f."archivedAt", f."deletedAt" AS "fileDeletedAt", f."currentId",
    v.id AS "versionId", v.status, v."contentType"
  FROM "BenefitGrant" g
    JOIN "Benefit" b ON b.id = g."benefitId"
    JOIN "FileVersion" v ON v.id = $2 AND v."organizationId" = g."organizationId"
    JOIN "File" f ON f.id = v."fileId"
  WHERE g.id = $1`;

/** One statement, so that no two that come at once are counted as one. */
const COUNT = `
  INSERT INTO "FileDownload" ("versionId", "customerId", count, "lastAt") VALUES ($1, $2, 1, $3)
  ON CONFLICT ("versionId", "customerId")
  DO UPDATE SET count = "FileDownload".count + 1, "lastAt" = greatest("FileDownload"."lastAt", excluded."lastAt")`;
