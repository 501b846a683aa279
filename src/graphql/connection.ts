import type { ArgBuilder } from '@pothos/core';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import { badUserInput } from './errors.ts';
import type { ListedName } from './names.ts';
import type { Child, RelationName } from './reads/pages.ts';

const DEFAULT_PAGE = 20;
const LONGEST_PAGE = 100;

/** One page of a list. */
export interface Page {
  limit: number;
  /** The id of the row before the page; null: the page is the first. */
  after: string | null;
}

export interface Connection<Node> {
  edges: { cursor: string; node: Node }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  /** Called when somebody wants to know. */
  totalCount: () => Promise<number>;
}

/** Declares `CustomerConnection` and `CustomerEdge` for `Customer`. */
export function defineConnection(builder: Builder, name: ListedName, nouns: string): void {
  const node = name as 'Customer';
  builder.connectionObject(
    {
      type: node,
      name: `${node}Connection`,
      description: `A page of ${nouns}.`,
      fields: (t) => ({
        totalCount: t.int({
          description: `How many ${nouns} there are on all pages. Counted only when asked for.`,
          resolve: (connection) => (connection as unknown as Connection<unknown>).totalCount(),
        }),
      }),
    },
    { description: `One of a page of ${nouns}.` },
  );
}

export interface PageArgs {
  first?: number | null;
  after?: string | null;
}

export const pageArgs = (t: ArgBuilder<Builder['$inferSchemaTypes']>) => ({
  first: t.int({ description: `How many to list, at most ${LONGEST_PAGE}. Default ${DEFAULT_PAGE}.` }),
  after: t.string({ description: 'The cursor after which the page begins: `endCursor` of the page before.' }),
});

/** The page that is asked for, if it can be. */
function readPage({ first, after }: PageArgs): Page {
  const limit = first ?? DEFAULT_PAGE;
  if (limit < 0 || limit > LONGEST_PAGE) throw badUserInput(`A page has 0 to ${LONGEST_PAGE} entries.`, ['first']);
  return { limit, after: after == null ? null : fromCursor(after) };
}

/** `rows` are one more than the page holds, if there is one more. */
function toConnection<Node extends { id: string }>(
  rows: readonly Node[],
  { limit, after }: Page,
  totalCount: () => Promise<number>,
): Connection<Node> {
  const edges = rows.slice(0, limit).map((node) => ({ cursor: toCursor(node.id), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > limit,
      hasPreviousPage: after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount,
  };
}

/** The children of one parent, read together with those of every other parent that is asked at the same time. */
export async function childPage<Name extends RelationName>(
  { loaders }: Context,
  name: Name,
  parentId: string,
  args: PageArgs,
): Promise<Connection<Child<Name>>> {
  const page = readPage(args);
  return toConnection(await loaders.children(name, parentId, page), page, () => loaders.count(name, parentId));
}

/** A page of a list that was read whole. */
export function pageOf<Node extends { id: string }>(all: readonly Node[], args: PageArgs): Connection<Node> {
  const page = readPage(args);
  const from = page.after === null ? 0 : all.findIndex(({ id }) => id === page.after) + 1 || all.length;
  return toConnection(all.slice(from, from + page.limit + 1), page, async () => all.length);
}

/** A list that Prisma reads: `read` is given what makes its query one of this page and the row after it. */
export async function listPage<Node extends { id: string }>(
  args: PageArgs,
  read: (query: PrismaPage) => Promise<Node[]>,
  count: () => Promise<number>,
): Promise<Connection<Node>> {
  const page = readPage(args);
  return toConnection(await read(prismaPage(page)), page, count);
}

export interface PrismaPage {
  take: number;
  cursor?: { id: string };
  skip?: number;
}

const prismaPage = ({ limit, after }: Page): PrismaPage => ({
  take: limit + 1,
  ...(after !== null && { cursor: { id: after }, skip: 1 }),
});

const toCursor = (id: string): string => Buffer.from(id).toString('base64url');

function fromCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!/^[a-z]{3}_[0-9a-z]{1,60}$/.test(id)) throw badUserInput('This is no cursor of ours.', ['after']);
  return id;
}
