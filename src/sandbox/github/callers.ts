import { createPublicKey, verify } from 'node:crypto';
import type { Call } from '../exchange.ts';
import { accountOf, covers, deny, type Hub, isExpired, notFound, repositoryNamed } from './hub.ts';
import type { Account, Installation, Invitation, Repository } from './state.ts';

const MAX_JWT_SECONDS = 600;
const CLOCK_DRIFT_SECONDS = 60;

const bearer = ({ headers }: Call): string => /^(?:bearer|token) (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';

/** The App, by a JWT it signed with its private key. */
export function requireApp({ state }: Hub, call: Call): void {
  const [head = '', claims = '', signature = ''] = bearer(call).split('.');
  const key = createPublicKey(state.app.publicKey);
  if (!verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url')))
    throw deny(401, 'A JSON web token could not be decoded');
  const { iss, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  // It is signed by the caller's clock, which does not move along with the emulated one.
  const now = Date.now() / 1_000;
  if (String(iss) !== String(state.app.id) && iss !== state.app.clientId)
    throw deny(401, "'Issuer' claim ('iss') must be an Integer");
  if (!(exp > now))
    throw deny(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  if (exp - now > MAX_JWT_SECONDS + CLOCK_DRIFT_SECONDS)
    throw deny(401, "'Expiration time' claim ('exp') is too far in the future");
  if (iat > now + CLOCK_DRIFT_SECONDS)
    throw deny(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued");
}

/** Who the token of a call is, for what anybody may read. */
export const callerOf = (hub: Hub, call: Call): { installation?: Installation; user?: Account } => {
  const token = bearer(call);
  if (token === '' || token.includes('.')) return {};
  const installation = installationOf(hub, token);
  if (installation) return { installation };
  const consent = hub.tokens.holder(token);
  if (!consent) throw deny(401, 'Bad credentials');
  return { user: accountOf(hub.state, Number(consent.userId)) };
};

/** A person, by the token they allowed. */
export const requireUser = (hub: Hub, call: Call): Account => {
  const { user } = callerOf(hub, call);
  if (!user) throw bearer(call) === '' ? deny(401, 'Requires authentication') : notIntegration();
  return user;
};

/** An installation, by the token it was given. */
export const requireInstallation = (hub: Hub, call: Call): Installation => {
  const { installation } = callerOf(hub, call);
  if (!installation) throw bearer(call) === '' ? deny(401, 'Requires authentication') : notIntegration();
  return installation;
};

function installationOf({ state, clock }: Hub, token: string): Installation | undefined {
  const issued = state.tokens.get(token);
  if (!issued) return undefined;
  const installation = state.installations.get(issued.installationId);
  if (!installation || issued.expiresAt <= clock.now()) throw deny(401, 'Bad credentials');
  if (installation.suspendedAt) throw deny(403, 'This installation has been suspended');
  return installation;
}

/** The repository of a call, if the caller may read it: what they may not know of is not found. */
export function readable(hub: Hub, call: Call): Repository {
  const { owner = '', repo = '' } = call.params;
  const { installation, user } = callerOf(hub, call);
  const repository = repositoryNamed(hub.state, owner, repo);
  const seen =
    !repository.private ||
    (installation && covers(installation, repository)) ||
    (user && (repository.ownerId === user.id || repository.collaborators.has(user.id)));
  if (!seen) throw notFound();
  return repository;
}

/** The repository of a call, if the caller may administer it. */
export function administered(hub: Hub, call: Call, access: 'read' | 'write' = 'write'): Repository {
  const repository = readable(hub, call);
  const { installation, user } = callerOf(hub, call);
  if (user && (repository.ownerId === user.id || repository.collaborators.get(user.id) === 'admin')) return repository;
  if (user) throw deny(403, 'Must have admin rights to Repository.');
  if (!installation) throw deny(401, 'Requires authentication');
  const held = installation.permissions.administration;
  if (!covers(installation, repository) || (held !== 'write' && held !== access)) throw notIntegration();
  return repository;
}

/** An invitation that this person may accept or decline. */
export function ownInvitation(hub: Hub, user: Account, id: string): { repository: Repository; sent: Invitation } {
  for (const repository of hub.state.repositories.values()) {
    const sent = repository.invitations.get(Number(id));
    if (sent && sent.inviteeId === user.id && !isExpired(hub, sent)) return { repository, sent };
  }
  throw notFound();
}

const notIntegration = () => deny(403, 'Resource not accessible by integration');
