import { type Answer, type Call, fieldsOf, textOf } from '../exchange.ts';
import type { Routes } from '../routes.ts';
import {
  deny,
  guildOf,
  memberOf,
  nextId,
  type Realm,
  rankOf,
  requireBot,
  requirePower,
  roleOf,
  userOf,
} from './realm.ts';
import { type Channel, type Guild, PERMISSION, type Role } from './state.ts';
import * as views from './views.ts';

const MESSAGE_CHARACTERS = 2_000;
const PAGE = 1_000;

export const guildRoutes: Routes<Realm> = {
  'GET /guilds/{guild_id}': (realm, call) => ({
    status: 200,
    body: views.guild(guildOf(realm, call), call.query.get('with_counts') === 'true'),
  }),
  'GET /guilds/{guild_id}/roles': (realm, call) => ({
    status: 200,
    body: [...guildOf(realm, call).roles.values()].map(views.role),
  }),
  'GET /guilds/{guild_id}/channels': (realm, call) => {
    const { id, channels } = guildOf(realm, call);
    return { status: 200, body: [...channels.values()].map((channel) => views.channel(channel, id)) };
  },
  'GET /guilds/{guild_id}/members': (realm, call) => {
    const after = BigInt(call.query.get('after') ?? 0);
    const limit = Math.min(PAGE, Number(call.query.get('limit') ?? 1));
    const members = [...guildOf(realm, call).members.values()]
      .filter(({ userId }) => BigInt(userId) > after)
      .sort((one, other) => (BigInt(one.userId) < BigInt(other.userId) ? -1 : 1));
    return { status: 200, body: members.slice(0, limit).map((member) => views.member(realm, member)) };
  },
  'GET /guilds/{guild_id}/members/{user_id}': (realm, call) => {
    const member = memberOf(realm, guildOf(realm, call), call.params.user_id);
    return { status: 200, body: views.member(realm, member) };
  },
  'PUT /guilds/{guild_id}/members/{user_id}': join,
  'PATCH /guilds/{guild_id}/members/{user_id}': (realm, call) => {
    const guild = guildOf(realm, call);
    const member = memberOf(realm, guild, call.params.user_id);
    const { roles } = fieldsOf(call);
    if (Array.isArray(roles)) {
      const changed = [...new Set(roles as string[]).symmetricDifference(member.roles)];
      for (const id of changed) requireAssignable(realm, guild, roleOf(guild, id));
      member.roles = new Set(roles as string[]);
    }
    return { status: 200, body: views.member(realm, member) };
  },
  'DELETE /guilds/{guild_id}/members/{user_id}': (realm, call) => {
    const guild = guildOf(realm, call);
    const { userId } = memberOf(realm, guild, call.params.user_id);
    requirePower(realm, guild, PERMISSION.kick, rankOf(guild, userId));
    guild.members.delete(userId);
    return { status: 204 };
  },
  'PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}': (realm, call) =>
    assign(realm, call, (roles, id) => roles.add(id)),
  'DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}': (realm, call) =>
    assign(realm, call, (roles, id) => roles.delete(id)),
  'GET /guilds/{guild_id}/bans/{user_id}': (realm, call) => {
    const guild = guildOf(realm, call);
    const user = userOf(realm, call.params.user_id);
    if (!guild.bans.has(user.id)) throw deny(10026);
    return { status: 200, body: { user: views.user(user), reason: null } };
  },
  'GET /channels/{channel_id}': (realm, call) => {
    const { guild, channel } = channelOf(realm, call);
    return { status: 200, body: views.channel(channel, guild.id) };
  },
  'POST /channels/{channel_id}/messages': (realm, call) => {
    const { guild, channel } = channelOf(realm, call);
    requirePower(realm, guild, PERMISSION.sendMessages);
    const content = textOf(call, 'content') ?? '';
    if (content === '' || content.length > MESSAGE_CHARACTERS) throw deny(50035);
    const message = { id: nextId(realm.state), authorId: realm.state.bot.id, content, at: realm.clock.now() };
    channel.messages.push(message);
    return { status: 200, body: views.message(realm, channel.id, message) };
  },
};

/** The channel of a call, in a guild with the bot in it. */
function channelOf(realm: Realm, call: Call): { guild: Guild; channel: Channel } {
  requireBot(realm, call);
  const id = call.params.channel_id ?? '';
  const guild = realm.state.guilds.values().find(({ channels }) => channels.has(id));
  const channel = guild?.channels.get(id);
  if (!guild || !channel) throw deny(10003);
  if (!guild.members.has(realm.state.bot.id)) throw deny(50001);
  return { guild, channel };
}

/** Somebody who allowed it becomes a member; who is one already stays as they are, whatever roles are named. */
function join(realm: Realm, call: Call): Answer {
  const guild = guildOf(realm, call);
  const user = userOf(realm, call.params.user_id);
  requirePower(realm, guild, PERMISSION.createInvite);
  const consent = realm.tokens.holder(textOf(call, 'access_token') ?? '');
  if (consent?.userId !== user.id || !consent.scope.split(' ').includes('guilds.join')) throw deny(50025);
  if (guild.bans.has(user.id)) throw deny(40007);
  if (guild.members.has(user.id)) return { status: 204 };
  const { roles = [], nick = null } = fieldsOf(call) as { roles?: string[]; nick?: string | null };
  for (const id of roles) requireAssignable(realm, guild, roleOf(guild, id));
  const member = { userId: user.id, roles: new Set(roles), nick, joinedAt: realm.clock.now() };
  guild.members.set(user.id, member);
  return { status: 201, body: views.member(realm, member) };
}

function assign(realm: Realm, call: Call, change: (roles: Set<string>, id: string) => void): Answer {
  const guild = guildOf(realm, call);
  const member = memberOf(realm, guild, call.params.user_id);
  const role = roleOf(guild, call.params.role_id);
  requireAssignable(realm, guild, role);
  change(member.roles, role.id);
  return { status: 204 };
}

function requireAssignable(realm: Realm, guild: Guild, role: Role): void {
  if (role.managed || role.id === guild.id) throw deny(50013);
  requirePower(realm, guild, PERMISSION.manageRoles, role.position);
}
