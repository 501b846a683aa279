import type { ArgBuilder } from '@pothos/core';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';
import type { ListedName } from './names.ts';
import { type Connection, DEFAULT_PAGE, LONGEST_PAGE, type PageArgs, readPage, toConnection } from './page.ts';
import type { Child, RelationName } from './reads/pages.ts';

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

export const pageArgs = (t: ArgBuilder<Builder['$inferSchemaTypes']>) => ({
  first: t.int({ description: `How many to list, at most ${LONGEST_PAGE}. Default ${DEFAULT_PAGE}.` }),
  after: t.string({ description: 'The cursor after which the page begins: `endCursor` of the page before.' }),
});

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
