import type { Transaction, Tx } from '../../platform/unit-of-work.ts';

/** What it takes to act for somebody at a third party. */
export interface Tokens {
  accessToken: string;
  refreshToken: string | null;
  /** Milliseconds since 1970; null: it is good until it is refused. */
  expiresAt: number | null;
}

/** A token that is about to end is as good as none. */
const LEEWAY_MS = 60_000;

/** Asks the provider for new tokens; `refused`: it takes the old ones no longer. */
export type Refresh = (refreshToken: string) => Promise<Tokens | 'refused'>;

/**
 * A token to act for the holder of an account, new where the old one has ended or was refused; null when only its holder can help.
 * Refreshing makes the old ones worthless, so the new ones are kept before anything is done with them.
 */
export async function accessToken(
  transaction: Transaction,
  id: string,
  refresh: Refresh,
  { renew = false }: { renew?: boolean } = {},
): Promise<string | null> {
  const held = await transaction((tx) => read(tx, id));
  if (!held || held.isRefused) return null;
  const { tokens, now } = held;
  if (!renew && (tokens.expiresAt === null || tokens.expiresAt - LEEWAY_MS > now.getTime())) return tokens.accessToken;
  const next = tokens.refreshToken ? await refresh(tokens.refreshToken) : 'refused';
  if (next !== 'refused') {
    await transaction((tx) => keep(tx, id, next));
    return next.accessToken;
  }
  // Another worker may have been given new ones with the same old one.
  const meanwhile = await transaction((tx) => read(tx, id));
  if (meanwhile && meanwhile.tokens.accessToken !== tokens.accessToken) return meanwhile.tokens.accessToken;
  await transaction((tx) => tx.db.linkedAccount.updateMany({ where: { id }, data: { isRefused: true } }));
  return null;
}

async function read(tx: Tx, id: string) {
  const row = await tx.db.linkedAccount.findUnique({ where: { id }, select: { tokens: true, isRefused: true } });
  if (!row?.tokens) return null;
  return { tokens: JSON.parse(tx.keyring.open(row.tokens)) as Tokens, isRefused: row.isRefused, now: tx.now };
}

const keep = (tx: Tx, id: string, tokens: Tokens) =>
  tx.db.linkedAccount.updateMany({
    where: { id },
    data: { tokens: tx.keyring.seal(JSON.stringify(tokens)), updatedAt: tx.now },
  });
