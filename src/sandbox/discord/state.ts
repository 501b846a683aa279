import { noTokens, secret, type TokenState } from '../tokens.ts';

export interface User {
  id: string;
  username: string;
  bot: boolean;
}

export interface Role {
  id: string;
  name: string;
  /** Higher ones rule over lower ones; everybody's role is at 0. */
  position: number;
  permissions: bigint;
  /** Belongs to an integration; nobody assigns it. */
  managed: boolean;
}

export interface Member {
  userId: string;
  roles: Set<string>;
  nick: string | null;
  joinedAt: Date;
}

export interface Message {
  id: string;
  authorId: string;
  content: string;
  at: Date;
}

export interface Channel {
  id: string;
  name: string;
  messages: Message[];
}

export interface Guild {
  id: string;
  name: string;
  ownerId: string;
  roles: Map<string, Role>;
  members: Map<string, Member>;
  bans: Set<string>;
  channels: Map<string, Channel>;
}

/** All that is kept, as plain data. */
export interface State {
  clientId: string;
  clientSecret: string;
  botToken: string;
  /** The bot's user. */
  bot: User;
  users: Map<string, User>;
  guilds: Map<string, Guild>;
  oauth: TokenState;
  lastId: bigint;
}

export const PERMISSION = {
  createInvite: 1n << 0n,
  kick: 1n << 1n,
  administrator: 1n << 3n,
  sendMessages: 1n << 11n,
  manageRoles: 1n << 28n,
};

const FIRST_ID = 1_200_000_000_000_000_000n;

export function newState(): State {
  const bot = { id: String(FIRST_ID), username: 'Boon', bot: true };
  return {
    clientId: bot.id,
    clientSecret: secret(16),
    botToken: `${Buffer.from(bot.id).toString('base64url')}.${secret(3)}.${secret(19)}`,
    bot,
    users: new Map([[bot.id, bot]]),
    guilds: new Map(),
    oauth: noTokens(),
    lastId: FIRST_ID,
  };
}
