import type { GraphQLResolveInfo } from 'graphql';
import { childPage } from '../connection.ts';
import type { Context } from '../context.ts';
import type { Connection, PageArgs } from '../page.ts';
import { prepareDeliveries } from '../reads/deliveries.ts';
import type { RelationName } from '../reads/pages.ts';
import type { GrantRow } from '../reads/rows.ts';
import { mentions } from '../selection.ts';

type GrantRelation = Extract<RelationName, `grantsOf${string}`>;

/** A page of grants, with what will be asked of each of them read beforehand. */
export async function grantPage(
  context: Context,
  info: GraphQLResolveInfo,
  name: GrantRelation,
  parentId: string,
  args: PageArgs,
): Promise<Connection<GrantRow>> {
  const page = await childPage(context, name, parentId, args);
  await prepareGrants(
    context,
    info,
    page.edges.map(({ node }) => node),
  );
  return page;
}

/** Reads at once what would be asked for grant by grant. */
export async function prepareGrants(
  context: Context,
  info: GraphQLResolveInfo,
  grants: readonly GrantRow[],
): Promise<void> {
  const [field] = info.fieldNodes;
  const wanted = (name: string) => mentions(field, info.fragments, name);
  if (wanted('delivery')) return prepareDeliveries(context, grants);
  if (wanted('benefit'))
    await context.loaders.prepare(
      'Benefit',
      grants.map(({ benefitId }) => benefitId),
    );
}
