import { Routes } from 'discord.js';
import { type Ask, codeOf } from './client.ts';
import type { Role, Server } from './server.ts';

const UNKNOWN_MEMBER = 10_007;
const UNKNOWN_ROLE = 10_011;
const ADMINISTRATOR = 1n << 3n;
const MANAGE_ROLES = 1n << 28n;
const CREATE_INVITE = 1n << 0n;
const KICK_MEMBERS = 1n << 1n;

/** Servers with our bot and who is in them. Everything throws a ProviderError. */
export function openServers(ask: Ask, botId: string) {
  const member = async (serverId: string, accountId: string, signal?: AbortSignal): Promise<string[] | null> => {
    try {
      const { roles } = await ask<{ roles: string[] }>(
        (rest, signal) => rest.get(Routes.guildMember(serverId, accountId), { signal }),
        signal,
      );
      return roles;
    } catch (error) {
      if (codeOf(error) === UNKNOWN_MEMBER) return null;
      throw error;
    }
  };
  const orGone = async (codes: readonly number[], work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      if (!codes.includes(codeOf(error) ?? 0)) throw error;
    }
  };

  return {
    /** A server with its roles and what our bot may do in it. */
    async find(id: string, signal?: AbortSignal): Promise<Server> {
      const server = await ask<{ id: string; name: string; owner_id: string; roles: Role[] }>(
        (rest, signal) => rest.get(Routes.guild(id), { signal }),
        signal,
      );
      const ours = (await member(id, botId, signal)) ?? [];
      const held = server.roles.filter((role) => ours.includes(role.id) || role.id === id);
      const may = held.reduce((all, role) => all | BigInt(role.permissions), 0n);
      const can = (permission: bigint) => (may & (ADMINISTRATOR | permission)) !== 0n;
      return {
        id: server.id,
        name: server.name,
        roles: server.roles,
        mayManageRoles: can(MANAGE_ROLES),
        mayInvite: can(CREATE_INVITE),
        mayKick: can(KICK_MEMBERS),
        highest: Math.max(0, ...held.map(({ position }) => position)),
      };
    },
    /** The roles somebody has; null when they are not in the server. */
    rolesOf: member,
    /** Takes somebody in, with their own leave; false when they are in already. */
    async join(serverId: string, accountId: string, accessToken: string, signal?: AbortSignal): Promise<boolean> {
      const joined = await ask<object | undefined>(
        (rest, signal) =>
          rest.put(Routes.guildMember(serverId, accountId), { body: { access_token: accessToken }, signal }),
        signal,
      );
      return typeof joined === 'object' && joined !== null && 'user' in joined;
    },
    giveRole: (serverId: string, accountId: string, roleId: string, signal?: AbortSignal): Promise<unknown> =>
      ask((rest, signal) => rest.put(Routes.guildMemberRole(serverId, accountId, roleId), { signal }), signal),
    /** Who has left, and what is gone, has it no more. */
    takeRole: (serverId: string, accountId: string, roleId: string, signal?: AbortSignal): Promise<void> =>
      orGone(
        [UNKNOWN_MEMBER, UNKNOWN_ROLE],
        ask((rest, signal) => rest.delete(Routes.guildMemberRole(serverId, accountId, roleId), { signal }), signal),
      ),
    kick: (serverId: string, accountId: string, signal?: AbortSignal): Promise<void> =>
      orGone(
        [UNKNOWN_MEMBER],
        ask((rest, signal) => rest.delete(Routes.guildMember(serverId, accountId), { signal }), signal),
      ),
    /** Says something in a channel; only `accountId` is pinged by it. */
    say: (channelId: string, content: string, accountId: string, signal?: AbortSignal): Promise<unknown> =>
      ask(
        (rest, signal) =>
          rest.post(Routes.channelMessages(channelId), {
            body: { content, allowed_mentions: { users: [accountId] } },
            signal,
          }),
        signal,
      ),
    /** The server a channel belongs to. */
    async serverOfChannel(channelId: string, signal?: AbortSignal): Promise<string | null> {
      const channel = await ask<{ guild_id?: string }>(
        (rest, signal) => rest.get(Routes.channel(channelId), { signal }),
        signal,
      );
      return channel.guild_id ?? null;
    },
  };
}
