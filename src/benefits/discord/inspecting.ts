import { ConflictError, InvalidInputError } from '../../lib/errors.ts';
import type { Server } from '../../providers/discord/server.ts';
import type { Means } from '../means.ts';
import { problemOf } from '../provider-problem.ts';
import type { Properties } from './held.ts';

/** Makes sure that our bot is in the server and may give each role, and notes what they are called. */
export async function inspectServer<Given extends Properties & { roles: { roleId: string; name?: string | null }[] }>(
  properties: Given,
  { discord }: Means,
): Promise<Given> {
  if (!discord) {
    throw new ConflictError(
      'Discord is not configured: whoever runs Boon sets DISCORD_BOT_TOKEN and what belongs to it; docs/discord.md walks through it.',
      ['guildId'],
    );
  }
  const { guildId, welcome, kickOnRevoke } = properties;
  const server = await at(['guildId'], () => discord.servers.find(guildId));
  if (!server.mayManageRoles)
    throw new InvalidInputError('Our bot may not manage roles in this server; give it “Manage Roles”.', ['guildId']);
  if (!server.mayInvite)
    throw new InvalidInputError('Our bot may not take people in; give it “Create Invite”.', ['guildId']);
  if (kickOnRevoke && !server.mayKick)
    throw new InvalidInputError('Our bot may not remove members; give it “Kick Members”.', ['kickOnRevoke']);
  const seen = new Set<string>();
  const roles = properties.roles.map((given, index) => {
    const path = ['roles', String(index), 'roleId'];
    const name = nameOf(server, given.roleId, path);
    if (seen.has(given.roleId)) throw new InvalidInputError('It is named twice.', path);
    seen.add(given.roleId);
    return { ...given, name };
  });
  if (welcome) {
    const home = await at(['welcome', 'channelId'], () => discord.servers.serverOfChannel(welcome.channelId));
    if (home !== guildId) throw new InvalidInputError('The channel is not in this server.', ['welcome', 'channelId']);
  }
  return { ...properties, roles };
}

function nameOf({ id, roles, highest }: Server, roleId: string, path: string[]): string {
  const role = roles.find((candidate) => candidate.id === roleId);
  if (!role) throw new InvalidInputError('There is no such role in this server.', path);
  if (role.id === id) throw new InvalidInputError('Everybody has this role.', path);
  if (role.managed)
    throw new InvalidInputError(`Discord itself gives the role ${role.name}; choose another one.`, path);
  if (role.position >= highest)
    throw new InvalidInputError(`The role ${role.name} stands above our bot’s; move the bot’s role above it.`, path);
  return role.name;
}

async function at<Found>(path: string[], work: () => Promise<Found>): Promise<Found> {
  try {
    return await work();
  } catch (error) {
    const { who, message } = problemOf(error);
    throw who === 'SYSTEM' ? new ConflictError(message, path) : new InvalidInputError(message, path);
  }
}
