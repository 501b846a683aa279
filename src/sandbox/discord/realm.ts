import type { WorldClock } from '../clock.ts';
import { type Call, refusal } from '../exchange.ts';
import type { Consent, Tokens } from '../tokens.ts';
import { type Guild, type Member, PERMISSION, type Role, type State, type User } from './state.ts';

/** The emulated Discord, as its routes use it. */
export interface Realm {
  state: State;
  clock: WorldClock;
  tokens: Tokens;
}

const WORDS: Record<number, [status: number, message: string]> = {
  0: [401, '401: Unauthorized'],
  10003: [404, 'Unknown Channel'],
  10004: [404, 'Unknown Guild'],
  10007: [404, 'Unknown Member'],
  10011: [404, 'Unknown Role'],
  10013: [404, 'Unknown User'],
  10026: [404, 'Unknown Ban'],
  40007: [403, 'The user is banned from this guild.'],
  50001: [403, 'Missing Access'],
  50013: [403, 'Missing Permissions'],
  50025: [403, 'Invalid OAuth2 access token'],
  50035: [400, 'Invalid Form Body'],
};

/** Ends the call with one of Discord's codes. */
export const deny = (code: number, more: object = {}) => {
  const [status, message] = WORDS[code] ?? [400, 'Bad Request'];
  return refusal({ status, body: { message, code, ...more } });
};

export const nextId = (state: State): string => {
  state.lastId += 4_194_304n;
  return String(state.lastId);
};

/** Only the bot may go on. */
export function requireBot({ state }: Realm, { headers }: Call): void {
  if (headers.authorization !== `Bot ${state.botToken}`) throw deny(0);
}

/** Who allowed the token of this call, and what. */
export function requireConsent({ tokens }: Realm, { headers }: Call): Consent {
  const consent = tokens.holder(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '');
  if (!consent) throw deny(0);
  return consent;
}

/** The guild of a call, with the bot in it. */
export function guildOf(realm: Realm, call: Call): Guild {
  requireBot(realm, call);
  const id = call.params.guild_id ?? '';
  requireSnowflake(id, 'guild_id');
  const guild = realm.state.guilds.get(id);
  if (!guild) throw deny(10004);
  if (!guild.members.has(realm.state.bot.id)) throw deny(50001);
  return guild;
}

export function userOf({ state }: Realm, id = ''): User {
  requireSnowflake(id, 'user_id');
  const user = state.users.get(id);
  if (!user) throw deny(10013);
  return user;
}

export function memberOf(realm: Realm, guild: Guild, id = ''): Member {
  const user = userOf(realm, id);
  const member = guild.members.get(user.id);
  if (!member) throw deny(10007);
  return member;
}

export function roleOf(guild: Guild, id = ''): Role {
  requireSnowflake(id, 'role_id');
  const role = guild.roles.get(id);
  if (!role) throw deny(10011);
  return role;
}

export const permissionsOf = (guild: Guild, userId: string): bigint => {
  const roles = [guild.id, ...(guild.members.get(userId)?.roles ?? [])].map((id) => guild.roles.get(id));
  const held = roles.reduce((sum, role) => sum | (role?.permissions ?? 0n), 0n);
  return guild.ownerId === userId || held & PERMISSION.administrator ? ~0n & ((1n << 53n) - 1n) : held;
};

/** The position of the highest role somebody has. */
export const rankOf = (guild: Guild, userId: string): number =>
  guild.ownerId === userId
    ? Number.POSITIVE_INFINITY
    : Math.max(0, ...[...(guild.members.get(userId)?.roles ?? [])].map((id) => guild.roles.get(id)?.position ?? 0));

/** The bot must be allowed to, and stand above what it acts upon. */
export function requirePower({ state }: Realm, guild: Guild, permission: bigint, above = -1): void {
  if (!(permissionsOf(guild, state.bot.id) & permission)) throw deny(50013);
  if (rankOf(guild, state.bot.id) <= above) throw deny(50013);
}

export function requireSnowflake(value: unknown, field: string): void {
  if (typeof value === 'string' && /^\d{5,20}$/.test(value)) return;
  const error = { code: 'NUMBER_TYPE_COERCE', message: `Value "${String(value)}" is not snowflake.` };
  throw deny(50035, { errors: { [field]: { _errors: [error] } } });
}
