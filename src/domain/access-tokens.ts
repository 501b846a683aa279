import type { AccessToken } from '../../prisma/generated/client/client.ts';
import { checkText } from '../lib/checks.ts';
import { InvalidInputError, NotFoundError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import { type Keyring, newToken } from '../lib/keyring.ts';
import type { Database } from '../platform/database.ts';
import type { Tx } from '../platform/unit-of-work.ts';

/** What a token may be limited to. A token that names none may do everything. */
export const SCOPES = [
  'organization:read',
  'organization:write',
  'tokens:write',
  'customers:read',
  'customers:write',
  'products:read',
  'products:write',
  'benefits:read',
  'benefits:write',
  'subscriptions:read',
  'subscriptions:write',
  'orders:read',
  'orders:write',
  'grants:read',
  'grants:write',
  'licenses:read',
  'licenses:write',
  'files:read',
  'files:write',
  'events:read',
  'webhooks:read',
  'webhooks:write',
  'meters:read',
  'meters:write',
  'usage:write',
] as const;

export type Scope = (typeof SCOPES)[number];

export const TOKEN_PREFIX = 'boon_at';

/** A new token; its text is in this answer and nowhere else. */
export async function create(
  tx: Tx,
  input: { organizationId: string; name: string; scopes?: readonly string[]; expiresAt?: Date | null },
): Promise<{ accessToken: Omit<AccessToken, 'digest'>; token: string }> {
  const scopes = input.scopes ?? [];
  const unknown = scopes.findIndex((scope) => !SCOPES.includes(scope as Scope));
  if (unknown >= 0) {
    throw new InvalidInputError(`There is no such scope. Scopes are ${SCOPES.join(', ')}.`, [
      'scopes',
      String(unknown),
    ]);
  }
  if (input.expiresAt && input.expiresAt <= tx.now)
    throw new InvalidInputError('It must lie in the future.', ['expiresAt']);
  const token = newToken(TOKEN_PREFIX);
  const accessToken = await tx.db.accessToken.create({
    data: {
      id: newId('accessToken', tx.now),
      organizationId: input.organizationId,
      name: checkText(input.name, ['name'], 200),
      digest: tx.keyring.digest(token),
      scopes: [...new Set(scopes)],
      expiresAt: input.expiresAt ?? null,
      createdAt: tx.now,
    },
  });
  return { accessToken, token };
}

/** From this commit on nobody gets in with it. Twice is harmless. */
export async function revoke(
  tx: Tx,
  { organizationId, id }: { organizationId: string; id: string },
): Promise<Omit<AccessToken, 'digest'>> {
  const found = await tx.db.accessToken.findFirst({ where: { id, organizationId } });
  if (!found) throw new NotFoundError('access token', ['id']);
  if (found.revokedAt) return found;
  return tx.db.accessToken.update({ where: { id }, data: { revokedAt: tx.now } });
}

export interface TokenHolder {
  tokenId: string;
  organizationId: string;
  scopes: string[];
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

/** Whose token this is; null when it is unknown, expired or revoked. */
export async function identify(
  database: Database,
  keyring: Keyring,
  token: string,
  now: Date,
): Promise<TokenHolder | null> {
  const [found] = await database.lookUpEach<TokenHolder & { digest: string }>({
    name: 'access-token',
    text: `SELECT id AS "tokenId", "organizationId", scopes, "expiresAt", "lastUsedAt", encode(digest, 'hex') AS digest
      FROM "AccessToken" WHERE digest = ANY(SELECT decode(unnest($1::text[]), 'hex')) AND "revokedAt" IS NULL`,
    ids: keyring.digests(token).map((digest) => Buffer.from(digest).toString('hex')),
    idOf: ({ digest }) => digest,
  });
  if (!found || (found.expiresAt && found.expiresAt <= now)) return null;
  const { digest, ...holder } = found;
  return holder;
}
