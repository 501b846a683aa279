import { z } from 'zod';
import { STATUSES } from '../access.ts';
import type { Order } from '../kind.ts';

const Item = z.object({
  roleId: z.string(),
  status: z.enum(STATUSES),
  /** Whether the account had it before any of ours; null while nobody has looked. */
  before: z.object({ had: z.boolean() }).nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  repairedAt: z.string().nullable(),
});

export const HeldRoles = z.object({
  account: z.object({ id: z.string(), username: z.string() }),
  guildId: z.string(),
  /** Whether the account was in the server before any of ours; null while nobody has looked. */
  member: z.object({ had: z.boolean() }).nullable(),
  /** Whether it is to leave the server when its roles are taken. */
  kick: z.boolean(),
  welcomed: z.boolean(),
  items: z.array(Item),
});

export type Item = z.output<typeof Item>;
export type Held = z.output<typeof HeldRoles>;

export interface Properties {
  guildId: string;
  roles: { roleId: string }[];
  kickOnRevoke: boolean;
  welcome?: { channelId: string; text: string } | null;
}

export type RoleOrder<Had> = Order<Properties, Had>;

export const memberKey = (guildId: string, accountId: string): string => `server:${guildId}:user:${accountId}`;

export const roleKey = (guildId: string, roleId: string, accountId: string): string =>
  `server:${guildId}:role:${roleId}:user:${accountId}`;

export const untouched = (roleId: string): Item => ({
  roleId,
  status: 'WAITING',
  before: null,
  error: null,
  repairedAt: null,
});

/** The same with one role changed. */
export const withItem = (held: Held, item: Item): Held => ({
  ...held,
  items: held.items.some(({ roleId }) => roleId === item.roleId)
    ? held.items.map((known) => (known.roleId === item.roleId ? item : known))
    : [...held.items, item],
});

export const withoutItem = (held: Held, { roleId }: Item): Held => ({
  ...held,
  items: held.items.filter((item) => item.roleId !== roleId),
});
