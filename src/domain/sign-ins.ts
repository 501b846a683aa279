import type { Keyring } from '../lib/keyring.ts';
import type { Database } from '../platform/database.ts';

/** Those of these access tokens and customer sessions that still let their holders in, with when they expire. */
export async function stillGood(
  database: Database,
  ids: readonly string[],
  now: Date,
): Promise<Map<string, Date | null>> {
  const rows = await database.read<{ id: string; expiresAt: Date | null }>(
    'sign-ins still good',
    `SELECT id, "expiresAt" FROM "AccessToken"
     WHERE id = ANY($1) AND "revokedAt" IS NULL AND ("expiresAt" IS NULL OR "expiresAt" > $2)
     UNION ALL SELECT id, "expiresAt" FROM "CustomerSession"
     WHERE id = ANY($1) AND "revokedAt" IS NULL AND "expiresAt" > $2`,
    [ids, now],
  );
  return new Map(rows.map(({ id, expiresAt }) => [id, expiresAt]));
}

/** The access tokens and customer sessions, of whatever organization, that were revoked at this time or later. */
export async function revokedSince(database: Database, since: Date): Promise<string[]> {
  const rows = await database.read<{ id: string }>(
    'sign-ins revoked since',
    `SELECT id FROM "AccessToken" WHERE "revokedAt" >= $1
     UNION ALL SELECT id FROM "CustomerSession" WHERE "revokedAt" >= $1`,
    [since],
  );
  return rows.map(({ id }) => id);
}

/** Whether a token let somebody in once and has only run out since. */
export async function hasExpired(database: Database, keyring: Keyring, token: string, now: Date): Promise<boolean> {
  const rows = await database.read(
    'sign-in expired',
    `SELECT 1 FROM "AccessToken" WHERE digest = ANY($1) AND "revokedAt" IS NULL AND "expiresAt" <= $2
     UNION ALL SELECT 1 FROM "CustomerSession" WHERE digest = ANY($1) AND "revokedAt" IS NULL AND "expiresAt" <= $2`,
    [keyring.digests(token).map((digest) => Buffer.from(digest)), now],
  );
  return rows.length > 0;
}

/** An access token was used. */
export async function noteUse(database: Database, tokenId: string, now: Date): Promise<void> {
  await database.prisma.accessToken.updateMany({ where: { id: tokenId }, data: { lastUsedAt: now } });
}
