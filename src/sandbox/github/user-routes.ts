import { askConsent, clientOf, giveConsent } from '../consent.ts';
import { type Answer, type Call, textOf } from '../exchange.ts';
import type { Routes } from '../routes.ts';
import type { Pair } from '../tokens.ts';
import { callerOf, requireUser } from './callers.ts';
import { accountNamed, accountOf, deny, type Hub, notFound, paged } from './hub.ts';
import { fullUser, installation, membership } from './views.ts';

export const userRoutes: Routes<Hub> = {
  'GET /user': (hub, call) => ({ status: 200, body: fullUser(hub, requireUser(hub, call)) }),
  'GET /users/{username}': (hub, call) => {
    callerOf(hub, call);
    return { status: 200, body: fullUser(hub, accountNamed(hub.state, call.params.username ?? '')) };
  },
  'GET /user/installations': (hub, call) => {
    const user = requireUser(hub, call);
    const seen = [...hub.state.installations.values()].filter(({ accountId }) => {
      const account = accountOf(hub.state, accountId);
      return account.id === user.id || account.members.has(user.id);
    });
    const { items, headers } = paged(hub, call, seen);
    const installations = items.map((entry) => installation(hub, entry));
    return { status: 200, headers, body: { total_count: seen.length, installations } };
  },
  'GET /user/memberships/orgs/{org}': (hub, call) => {
    const user = requireUser(hub, call);
    const organization = accountNamed(hub.state, call.params.org ?? '');
    if (!organization.members.has(user.id)) throw notFound();
    return { status: 200, body: membership(hub, organization, user) };
  },
  'GET /user/{account_id}': (hub, call) => {
    callerOf(hub, call);
    return { status: 200, body: fullUser(hub, accountOf(hub.state, Number(call.params.account_id))) };
  },
  'DELETE /applications/{client_id}/token': (hub, call) => {
    requireClient(hub, call);
    hub.tokens.revoke(textOf(call, 'access_token') ?? '');
    return { status: 204 };
  },
  'DELETE /applications/{client_id}/grant': (hub, call) => {
    requireClient(hub, call);
    const consent = hub.tokens.holder(textOf(call, 'access_token') ?? '');
    if (consent) hub.tokens.withdraw(consent.userId);
    return { status: 204 };
  },
};

/** The part of its web site that OAuth needs. */
export const webRoutes: Routes<Hub> = {
  'GET /login/oauth/authorize': (hub, call) => askConsent(call, consent(hub)),
  'POST /login/oauth/authorize': (hub, call) => giveConsent(call, consent(hub)),
  'POST /login/oauth/access_token': (hub, call) => {
    const { id, secret } = clientOf(call);
    if (id !== hub.state.app.clientId || secret !== hub.state.app.clientSecret)
      return told(call, {
        error: 'incorrect_client_credentials',
        error_description: 'The client_id and/or client_secret passed are incorrect.',
      });
    if (textOf(call, 'grant_type') === 'refresh_token') {
      const pair = hub.tokens.renew(textOf(call, 'refresh_token') ?? '');
      if (pair) return told(call, answer(hub, pair));
      return told(call, {
        error: 'bad_refresh_token',
        error_description: 'The refresh token passed is incorrect or expired.',
      });
    }
    const given = { redirectUri: textOf(call, 'redirect_uri'), verifier: textOf(call, 'code_verifier') };
    const pair = hub.tokens.redeem(textOf(call, 'code') ?? '', given);
    if (pair) return told(call, answer(hub, pair));
    return told(call, {
      error: 'bad_verification_code',
      error_description: 'The code passed is incorrect or expired.',
    });
  },
};

const consent = ({ state, tokens }: Hub) => ({
  provider: 'GitHub',
  clientId: state.app.clientId,
  tokens,
  scope: '',
  people: [...state.accounts.values()]
    .filter(({ type }) => type === 'User')
    .map(({ id, login }) => ({ id: String(id), name: login })),
});

const answer = ({ tokens }: Hub, { access, refresh, scope }: Pair) => ({
  access_token: access,
  expires_in: tokens.life.accessMs / 1_000,
  refresh_token: refresh,
  refresh_token_expires_in: tokens.life.refreshMs / 1_000,
  scope,
  token_type: 'bearer',
});

/** Mistakes are answered with 200 too, and everything as a form unless JSON is asked for. */
function told({ headers }: Call, fields: Record<string, string | number>): Answer {
  if (headers.accept?.includes('json')) return { status: 200, body: fields };
  const form = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]));
  return { status: 200, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() };
}

function requireClient({ state }: Hub, call: Call): void {
  const { id, secret } = clientOf(call);
  if (id !== state.app.clientId || secret !== state.app.clientSecret || call.params.client_id !== id)
    throw deny(401, 'Bad credentials');
}
