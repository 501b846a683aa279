import { badUserInput } from './errors.ts';

export const DEFAULT_PAGE = 20;
export const LONGEST_PAGE = 100;

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

export interface PageArgs {
  first?: number | null;
  after?: string | null;
}

/** The page that is asked for, if it can be. */
export function readPage({ first, after }: PageArgs): Page {
  const limit = first ?? DEFAULT_PAGE;
  if (limit < 0 || limit > LONGEST_PAGE) throw badUserInput(`A page has 0 to ${LONGEST_PAGE} entries.`, ['first']);
  return { limit, after: after == null ? null : fromCursor(after) };
}

/** `rows` are one more than the page holds, if there is one more. */
export function toConnection<Node extends { id: string }>(
  rows: readonly Node[],
  { limit, after }: Page,
  totalCount: () => Promise<number>,
): Connection<Node> {
  const edges = rows.slice(0, limit).map(toEdge);
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

/** Few ask for the cursor of every edge: it is written when it is looked at. */
const toEdge = <Node extends { id: string }>(node: Node) => ({
  node,
  get cursor() {
    return toCursor(node.id);
  },
});

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
