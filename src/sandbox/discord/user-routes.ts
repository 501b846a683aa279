import { askConsent, clientOf, giveConsent, type Person } from '../consent.ts';
import { type Answer, type Call, isRefusal, refusal, textOf } from '../exchange.ts';
import type { Routes } from '../routes.ts';
import type { Pair } from '../tokens.ts';
import { permissionsOf, type Realm, requireBot, requireConsent, userOf } from './realm.ts';
import { addBot } from './verbs.ts';
import * as views from './views.ts';

export const userRoutes: Routes<Realm> = {
  'GET /users/@me': (realm, call) => ({ status: 200, body: views.self(userOf(realm, callerId(realm, call))) }),
  'GET /users/@me/guilds': (realm, call) => {
    const id = callerId(realm, call);
    const guilds = [...realm.state.guilds.values()].filter(({ members }) => members.has(id));
    const body = guilds.map((guild) => views.listedGuild(guild, guild.ownerId === id, permissionsOf(guild, id)));
    return { status: 200, body };
  },
  'GET /users/{user_id}': (realm, call) => {
    requireBot(realm, call);
    return { status: 200, body: views.user(userOf(realm, call.params.user_id)) };
  },
};

/** OAuth: the page, and what a client asks for. */
export const oauthRoutes: Routes<Realm> = {
  'GET /oauth2/authorize': (realm, call) => askConsent(call, consent(realm, call)),
  'POST /oauth2/authorize': (realm, call) => {
    const answer = giveConsent(call, consent(realm, call));
    const guildId = textOf(call, 'user')?.split('@')[1];
    if (guildId) addBot(realm.state, guildId, realm.clock.now());
    return answer;
  },
  'POST /oauth2/token': (realm, call) => {
    requireClient(realm, call);
    const type = textOf(call, 'grant_type');
    const given = { redirectUri: textOf(call, 'redirect_uri'), verifier: textOf(call, 'code_verifier') };
    if (type !== 'refresh_token' && type !== 'authorization_code') throw mistake('unsupported_grant_type');
    const pair =
      type === 'refresh_token'
        ? realm.tokens.renew(textOf(call, 'refresh_token') ?? '')
        : realm.tokens.redeem(textOf(call, 'code') ?? '', given);
    if (!pair)
      throw mistake('invalid_grant', `Invalid "${type === 'refresh_token' ? 'refresh_token' : 'code'}" in request.`);
    return answer(realm, pair);
  },
  'POST /oauth2/token/revoke': (realm, call) => {
    requireClient(realm, call);
    realm.tokens.revoke(textOf(call, 'token') ?? '');
    return { status: 200, body: {} };
  },
};

const consent = ({ state, tokens }: Realm, { query }: Call) => {
  const scope = query.get('scope') ?? '';
  const people = scope.split(' ').includes('bot') ? managersOf(state) : peopleOf(state);
  return { provider: 'Discord', clientId: state.clientId, tokens, scope, people };
};

const peopleOf = ({ users }: Realm['state']): Person[] =>
  [...users.values()].filter(({ bot }) => !bot).map(({ id, username }) => ({ id, name: username }));

/** Who adds the bot says where; only to what they manage. */
const managersOf = ({ users, guilds }: Realm['state']): Person[] =>
  [...guilds.values()].map(({ id, name, ownerId }) => ({
    id: `${ownerId}@${id}`,
    userId: ownerId,
    name: users.get(ownerId)?.username ?? ownerId,
    place: { id, name },
  }));

const answer = ({ state, tokens }: Realm, { access, refresh, scope, placeId }: Pair): Answer => {
  const guild = state.guilds.get(placeId ?? '');
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      access_token: access,
      expires_in: tokens.life.accessMs / 1_000,
      refresh_token: refresh,
      scope,
      ...(guild && { guild: views.guild(guild, false) }),
    },
  };
};

const mistake = (error: string, description?: string) =>
  refusal({ status: 400, body: { error, ...(description && { error_description: description }) } });

function requireClient({ state }: Realm, call: Call): void {
  const { id, secret } = clientOf(call);
  if (id !== state.clientId || secret !== state.clientSecret)
    throw refusal({ status: 401, body: { error: 'invalid_client' } });
}

/** The bot, or the person whose token it is. */
function callerId(realm: Realm, call: Call): string {
  try {
    requireBot(realm, call);
    return realm.state.bot.id;
  } catch (error) {
    if (isRefusal(error)) return requireConsent(realm, call).userId;
    throw error;
  }
}
