import type { AccountLink, Provider } from '../../../prisma/generated/client/client.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import { newToken } from '../../lib/keyring.ts';
import { after, MINUTE_MS } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';

/** How long somebody may take at the third party. */
export const LINK_MS = 10 * MINUTE_MS;
const VERIFIER_PREFIX = 'boon_pkce';

export type Link = Omit<AccountLink, 'ticket' | 'state' | 'verifier'>;

/** Who wants to show that something is theirs, and where they go afterwards. */
export interface NewLink {
  organizationId: string;
  provider: Provider;
  customerId?: string;
  sessionId?: string;
  returnUrl?: string | null;
}

/** Answers the ticket that begins it; it is in this answer and nowhere else. */
export async function open(tx: Tx, { organizationId, returnUrl, ...input }: NewLink): Promise<string> {
  const ticket = newToken('boon_link');
  await tx.db.accountLink.create({
    data: {
      ...input,
      id: newId('accountLink', tx.now),
      organizationId,
      ticket: tx.keyring.digest(ticket),
      returnUrl: returnUrl ? await checkReturn(tx, organizationId, returnUrl, input.sessionId) : null,
      expiresAt: after(tx.now, LINK_MS),
      createdAt: tx.now,
    },
  });
  return ticket;
}

/**
 * Somebody sets out with a ticket: `state` goes through the third party, the verifier stays in their browser, and both
 * must come back together. Null when the ticket is unknown or too old. Setting out again makes what was before void.
 */
export async function begin(
  tx: Tx,
  provider: Provider,
  ticket: string,
): Promise<{ state: string; verifier: string; link: Link } | null> {
  const found = await tx.db.accountLink.findFirst({
    where: { provider, ticket: { in: tx.keyring.digests(ticket) }, expiresAt: { gt: tx.now } },
  });
  if (!found) return null;
  const [state, verifier] = [newToken('boon_state'), newToken(VERIFIER_PREFIX)];
  const link = await tx.db.accountLink.update({
    where: { id: found.id },
    data: { state: tx.keyring.digest(state), verifier: tx.keyring.digest(verifier) },
  });
  return { state, verifier, link };
}

/**
 * Somebody comes back: `state` is used up. Null when it is unknown, used or too old, when it comes from another browser
 * than the one that set out, or when the session that asked has ended.
 */
export async function finish(
  tx: Tx,
  provider: Provider,
  { state, verifier }: { state: string; verifier: string },
): Promise<Link | null> {
  const [link] = await tx.db.$queryRaw<Link[]>`
    DELETE FROM "AccountLink" WHERE provider = ${provider}::"Provider" AND state = ANY(${tx.keyring.digests(state)})
      AND verifier = ANY(${tx.keyring.digests(verifier)}) AND "expiresAt" > ${tx.now}
    RETURNING id, "organizationId", provider, "customerId", "sessionId", "returnUrl", "expiresAt", "createdAt"`;
  if (!link?.sessionId) return link ?? null;
  const alive = { id: link.sessionId, revokedAt: null, expiresAt: { gt: tx.now } };
  return (await tx.db.customerSession.count({ where: alive })) > 0 ? link : null;
}

/** Nobody comes back from these any more. */
export async function sweep(tx: Tx): Promise<void> {
  await tx.db.accountLink.deleteMany({ where: { expiresAt: { lt: tx.now } } });
}

/** Customers are led back only to where the merchant has said they may be: nobody is sent elsewhere through us. */
async function checkReturn(
  tx: Tx,
  organizationId: string,
  returnUrl: string,
  sessionId: string | undefined,
): Promise<string> {
  const url = URL.canParse(returnUrl) ? new URL(returnUrl) : null;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw new InvalidInputError('It must be an http or https URL.', ['returnUrl']);
  const { portalUrl } = await tx.db.organization.findUniqueOrThrow({ where: { id: organizationId } });
  const session = sessionId ? await tx.db.customerSession.findUnique({ where: { id: sessionId } }) : null;
  const allowed = [portalUrl, session?.returnUrl].flatMap((known) => (known ? [new URL(known).origin] : []));
  if (allowed.includes(url.origin) && !url.username && !url.password) return url.href;
  const where =
    allowed.length > 0 ? `It must begin with ${[...new Set(allowed)].join(' or ')}.` : 'Set the portal’s URL first.';
  throw new InvalidInputError(`Customers may not be led there. ${where}`, ['returnUrl']);
}
