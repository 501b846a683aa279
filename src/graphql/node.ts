import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { Scope } from '../domain/access-tokens.ts';
import { PREFIXES } from '../lib/id.ts';
import type { Builder } from './builder.ts';
import { type Context, organizationOf } from './context.ts';
import { badUserInput } from './errors.ts';
import type { Rows } from './reads/rows.ts';
import { allows } from './viewer.ts';

const LONGEST_LIST = 100;

/** What can be named by its id alone: the type its prefix stands for, and what a token needs to read it. */
const NODES: Record<string, { typename: string; scope: Scope; table?: keyof Rows }> = {
  [PREFIXES.customer]: { typename: 'Customer', scope: 'customers:read', table: 'Customer' },
  [PREFIXES.product]: { typename: 'Product', scope: 'products:read', table: 'Product' },
  [PREFIXES.benefit]: { typename: 'Benefit', scope: 'benefits:read', table: 'Benefit' },
  [PREFIXES.subscription]: { typename: 'CustomerSubscription', scope: 'subscriptions:read', table: 'Subscription' },
  [PREFIXES.order]: { typename: 'Order', scope: 'orders:read' },
  [PREFIXES.grant]: { typename: 'BenefitGrant', scope: 'grants:read', table: 'BenefitGrant' },
  [PREFIXES.file]: { typename: 'File', scope: 'files:read', table: 'File' },
  [PREFIXES.licenseKey]: { typename: 'LicenseKey', scope: 'licenses:read', table: 'LicenseKey' },
  [PREFIXES.meter]: { typename: 'Meter', scope: 'meters:read', table: 'Meter' },
};

interface Found {
  id: string;
  customerId?: unknown;
  type?: unknown;
}

export function defineNode(builder: Builder, benefitTypename: (type: string) => string): void {
  builder.interfaceType('Node', {
    description:
      'Something with an id of its own. Ids are opaque and the same everywhere: here, in webhooks and in logs.',
    resolveType: (node: Found) =>
      node.id.startsWith(PREFIXES.benefit) && node.type
        ? benefitTypename(String(node.type))
        : typeOf(node.id)?.typename,
    fields: (t) => ({ id: t.exposeID('id', { description: 'Names it everywhere.' }) }),
  });
  builder.queryField('node', (t) =>
    t.field({
      type: 'Node',
      nullable: true,
      description: 'Anything by its id; null when there is nothing the caller may see.',
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      resolve: (_root, { id }, context, info) => find(context, info, id),
    }),
  );
  builder.queryField('nodes', (t) =>
    t.field({
      type: ['Node'],
      nullable: { list: true, items: true },
      description: `Up to ${LONGEST_LIST} things by their ids, in their order; null where there is nothing the caller may see.`,
      args: { ids: t.arg.idList({ required: true, description: 'Their ids.' }) },
      resolve: (_root, { ids }, context, info) => {
        if (ids.length > LONGEST_LIST) throw badUserInput(`At most ${LONGEST_LIST} ids go into one list.`, ['ids']);
        return Promise.all(ids.map((id) => find(context, info, id)));
      },
    }),
  );
}

async function find(context: Context, info: GraphQLResolveInfo, id: string): Promise<Found | null> {
  const organizationId = organizationOf(context);
  const type = typeOf(id);
  if (!type || (context.viewer.is === 'merchant' && !allows(context.viewer, type.scope))) return null;
  const found: Found | null = type.table
    ? await context.loaders.row(type.table, id)
    : await context.database.prisma.order.findFirst({
        ...queryFromInfo({ context, info, typeName: type.typename, select: { id: true, customerId: true } }),
        where: { id, organizationId },
      });
  return found && isVisible(context, found) ? found : null;
}

const typeOf = (id: string) => NODES[id.slice(0, id.indexOf('_'))];

/** A customer session sees what carries its customer's id, and nothing else. */
const isVisible = ({ viewer }: Context, { id, customerId }: Found): boolean =>
  viewer.is === 'merchant' || (viewer.is === 'customer' && (customerId ?? id) === viewer.customerId);
