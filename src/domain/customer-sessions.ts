import type { CustomerSession } from '../../prisma/generated/client/client.ts';
import { InvalidInputError, NotFoundError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import { type Keyring, newToken } from '../lib/keyring.ts';
import { after, DAY_MS, HOUR_MS } from '../lib/time.ts';
import type { Database } from '../platform/database.ts';
import type { Tx } from '../platform/unit-of-work.ts';

export const TOKEN_PREFIX = 'boon_cs';

/** A session unused for this long ends. */
const IDLE_MS = HOUR_MS;
/** However much it is used, a session ends after this. */
const LONGEST_MS = DAY_MS;

type Session = Omit<CustomerSession, 'digest'>;

/** A new session of one customer; its token is in this answer and nowhere else. */
export async function create(
  tx: Tx,
  input: { organizationId: string; customerId: string; returnUrl?: string | null },
): Promise<{ session: Session; token: string }> {
  const token = newToken(TOKEN_PREFIX);
  const session = await tx.db.customerSession.create({
    data: {
      id: newId('customerSession', tx.now),
      organizationId: input.organizationId,
      customerId: input.customerId,
      digest: tx.keyring.digest(token),
      returnUrl: input.returnUrl ? checkReturnUrl(input.returnUrl) : null,
      expiresAt: after(tx.now, IDLE_MS),
      endsAt: after(tx.now, LONGEST_MS),
      createdAt: tx.now,
    },
  });
  return { session, token };
}

/** From this commit on nobody gets in with it. Twice is harmless. */
export async function revoke(tx: Tx, { organizationId, id }: { organizationId: string; id: string }): Promise<Session> {
  const found = await tx.db.customerSession.findFirst({ where: { id, organizationId } });
  if (!found) throw new NotFoundError('customer session', ['id']);
  if (found.revokedAt) return found;
  return tx.db.customerSession.update({ where: { id }, data: { revokedAt: tx.now } });
}

export interface SessionHolder {
  sessionId: string;
  organizationId: string;
  customerId: string;
  expiresAt: Date;
  endsAt: Date;
}

/** Whose session this is; null when it is unknown, over or revoked. */
export async function identify(
  database: Database,
  keyring: Keyring,
  token: string,
  now: Date,
): Promise<SessionHolder | null> {
  const [found] = await database.lookUpEach<SessionHolder & { digest: string }>({
    name: 'customer-session',
    text: `SELECT id AS "sessionId", "organizationId", "customerId", "expiresAt", "endsAt", encode(digest, 'hex') AS digest
      FROM "CustomerSession" WHERE digest = ANY(SELECT decode(unnest($1::text[]), 'hex')) AND "revokedAt" IS NULL`,
    ids: keyring.digests(token).map((digest) => Buffer.from(digest).toString('hex')),
    idOf: ({ digest }) => digest,
  });
  if (!found || found.expiresAt <= now) return null;
  const { digest, ...holder } = found;
  return holder;
}

/** Use keeps a session alive, up to its end. */
export async function slide(database: Database, session: SessionHolder, now: Date): Promise<Date> {
  const expiresAt = new Date(Math.min(now.getTime() + IDLE_MS, session.endsAt.getTime()));
  await database.prisma.customerSession.updateMany({
    where: { id: session.sessionId, revokedAt: null },
    data: { expiresAt },
  });
  return expiresAt;
}

function checkReturnUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new InvalidInputError('It must be an http or https URL.', ['returnUrl']);
  }
  return url.href;
}
