import { z } from 'zod';
import { LEVELS, type Level } from '../../providers/github/levels.ts';
import { STATUSES } from '../access.ts';
import type { Account, Order } from '../kind.ts';

export const GitHubPermission = z.enum(LEVELS).meta({
  id: 'GitHubPermission',
  description: 'How much somebody may do in a repository, in rising order.',
  values: {
    PULL: 'Read.',
    TRIAGE: 'Read, and look after issues and pull requests.',
    PUSH: 'Read and write.',
    MAINTAIN: 'Write, and look after the repository.',
    ADMIN: 'Everything, settings included.',
  },
});

const Item = z.object({
  repositoryId: z.string(),
  owner: z.string(),
  ownerId: z.string().nullish(),
  name: z.string(),
  /** What this grant stands for. */
  permission: z.enum(LEVELS),
  /** What was set for the account last; null: nothing yet. */
  given: z.enum(LEVELS).nullable(),
  /** What stood before any of ours; null while nobody has looked. */
  before: z.object({ level: z.enum(LEVELS).nullable() }).nullable(),
  status: z.enum(STATUSES),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  invitedAt: z.string().nullable(),
  /** When it was found taken away by hand. */
  repairedAt: z.string().nullable(),
});

export const HeldRepositories = z.object({
  account: z.object({ id: z.string(), login: z.string() }),
  items: z.array(Item),
});

export type Item = z.output<typeof Item>;
export type Held = z.output<typeof HeldRepositories>;

/** A repository as a benefit names it. */
export interface Wanted {
  repositoryId: string;
  owner: string;
  ownerId?: string | null;
  name: string;
  permission: Level;
}

export type RepositoryOrder<Had> = Order<{ repositories: Wanted[] }, Had>;

export const keyOf = (repositoryId: string, accountId: string): string =>
  `repository:${repositoryId}:user:${accountId}`;

export const rankOf = (level: Level | null): number => (level === null ? -1 : LEVELS.indexOf(level));

/** The higher of two levels. */
export const higher = (one: Level | null, other: Level | null): Level | null =>
  rankOf(one) >= rankOf(other) ? one : other;

/** A repository nobody has touched yet. */
export const untouched = ({ repositoryId, owner, ownerId, name, permission }: Wanted): Item => ({
  repositoryId,
  owner,
  ownerId,
  name,
  permission,
  given: null,
  before: null,
  status: 'WAITING',
  error: null,
  invitedAt: null,
  repairedAt: null,
});

export const emptyFor = ({ accountId, username }: Pick<Account, 'accountId' | 'username'>): Held => ({
  account: { id: accountId, login: username },
  items: [],
});

/** Whether a repository is still one of those that are promised. */
export const isWanted = ({ repositoryId }: Item, { repositories }: { repositories: readonly Wanted[] }): boolean =>
  repositories.some((wanted) => wanted.repositoryId === repositoryId);

/** The same with one item changed. */
export const withItem = (held: Held, item: Item): Held => ({
  ...held,
  items: held.items.some(({ repositoryId }) => repositoryId === item.repositoryId)
    ? held.items.map((known) => (known.repositoryId === item.repositoryId ? item : known))
    : [...held.items, item],
});

export const withoutItem = (held: Held, { repositoryId }: Item): Held => ({
  ...held,
  items: held.items.filter((item) => item.repositoryId !== repositoryId),
});
