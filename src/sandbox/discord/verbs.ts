import { nextId, type Realm } from './realm.ts';
import { type Channel, type Guild, PERMISSION, type Role, type State, type User } from './state.ts';

/** Somebody who manages a guild takes the bot in; it has a role of its own there. */
export function addBot(state: State, guildId: string, at: Date): void {
  const guild = state.guilds.get(guildId);
  if (!guild || guild.members.has(state.bot.id)) return;
  const known = guild.roles.values().find(({ managed }) => managed);
  const role = known ?? {
    id: nextId(state),
    name: 'Boon',
    position: 1 + Math.max(...[...guild.roles.values()].map(({ position }) => position)),
    permissions: BOT_PERMISSIONS,
    managed: true,
  };
  guild.roles.set(role.id, role);
  guild.members.set(state.bot.id, { userId: state.bot.id, roles: new Set([role.id]), nick: null, joinedAt: at });
}

const BOT_PERMISSIONS = PERMISSION.createInvite | PERMISSION.kick | PERMISSION.manageRoles | PERMISSION.sendMessages;

/** What people do at Discord, without its API: for tests, the page and the first state. */
export function openVerbs({ state, clock, tokens }: Realm) {
  const guildOf = (id: string): Guild => {
    const guild = state.guilds.get(id);
    if (!guild) throw new Error(`There is no guild ${id}.`);
    return guild;
  };
  const userNamed = (username: string): User => {
    const user = state.users.values().find((entry) => entry.username === username);
    if (!user) throw new Error(`There is no user ${username}.`);
    return user;
  };
  const addRole = (guildId: string, name: string, facts: Partial<Role> = {}): Role => {
    const { roles } = guildOf(guildId);
    const position = facts.position ?? roles.size;
    const role: Role = { id: nextId(state), name, permissions: 0n, managed: false, ...facts, position };
    roles.set(role.id, role);
    return role;
  };
  const join = (guildId: string, userId: string, roles: readonly string[] = []) =>
    guildOf(guildId).members.set(userId, { userId, roles: new Set(roles), nick: null, joinedAt: clock.now() });

  return {
    addUser(username: string): User {
      const user = { id: nextId(state), username, bot: false };
      state.users.set(user.id, user);
      return user;
    },
    /** A guild with these roles, lowest first, the bot above all of them unless it is to be added, and a channel. */
    addGuild(name: string, facts: { id?: string; roles?: readonly string[]; bot?: boolean } = {}): Guild {
      const { id = nextId(state), roles = [], bot = true } = facts;
      const owner = { id: nextId(state), username: `${name} owner`, bot: false };
      const everyone: Role = {
        id,
        name: '@everyone',
        position: 0,
        permissions: PERMISSION.sendMessages,
        managed: false,
      };
      const guild: Guild = {
        id,
        name,
        ownerId: owner.id,
        roles: new Map([[id, everyone]]),
        members: new Map(),
        bans: new Set(),
        channels: new Map(),
      };
      state.users.set(owner.id, owner);
      state.guilds.set(id, guild);
      join(id, owner.id);
      for (const role of roles) addRole(id, role);
      if (bot) addBot(state, id, clock.now());
      const channel: Channel = { id: nextId(state), name: 'welcome', messages: [] };
      guild.channels.set(channel.id, channel);
      return guild;
    },
    addRole,
    removeRole(guildId: string, roleId: string): void {
      const guild = guildOf(guildId);
      guild.roles.delete(roleId);
      for (const { roles } of guild.members.values()) roles.delete(roleId);
    },
    /** Moves a role above or below others; the bot's is moved in the same way. */
    moveRole(guildId: string, roleId: string, position: number): void {
      const role = guildOf(guildId).roles.get(roleId);
      if (role) role.position = position;
    },
    /** The role the bot got when it was invited. */
    botRole: (guildId: string): Role | undefined =>
      guildOf(guildId)
        .roles.values()
        .find(({ managed }) => managed),
    removeGuild: (guildId: string) => void state.guilds.delete(guildId),
    kickBot: (guildId: string) => void guildOf(guildId).members.delete(state.bot.id),
    inviteBot: (guildId: string) => addBot(state, guildOf(guildId).id, clock.now()),
    join: (guildId: string, username: string) => void join(guildId, userNamed(username).id),
    leave: (guildId: string, username: string) => void guildOf(guildId).members.delete(userNamed(username).id),
    ban(guildId: string, username: string): void {
      const { id } = userNamed(username);
      guildOf(guildId).members.delete(id);
      guildOf(guildId).bans.add(id);
    },
    unban: (guildId: string, username: string) => void guildOf(guildId).bans.delete(userNamed(username).id),
    /** What a moderator does by hand. */
    giveRole: (guildId: string, username: string, roleId: string) =>
      void guildOf(guildId).members.get(userNamed(username).id)?.roles.add(roleId),
    takeRole: (guildId: string, username: string, roleId: string) =>
      void guildOf(guildId).members.get(userNamed(username).id)?.roles.delete(roleId),
    /** Somebody takes back in their settings what they allowed. */
    revokeAuthorization: (username: string) => tokens.withdraw(userNamed(username).id),
    /** The names of a member's roles; null when they are no member. */
    rolesOf(guildId: string, username: string): string[] | null {
      const guild = guildOf(guildId);
      const member = guild.members.get(userNamed(username).id);
      return member ? [...member.roles].map((id) => guild.roles.get(id)?.name ?? id) : null;
    },
  };
}
