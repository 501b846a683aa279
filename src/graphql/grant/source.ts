import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import { PREFIXES } from '../../lib/id.ts';
import type { Builder } from '../builder.ts';
import { type Context, forMerchants } from '../context.ts';
import type { GrantRow } from '../reads/rows.ts';

const TYPENAMES: Record<string, string> = {
  [PREFIXES.subscription]: 'CustomerSubscription',
  [PREFIXES.order]: 'Order',
  [PREFIXES.manualGrant]: 'ManualGrant',
};

/** Why a customer is entitled: what they pay for, what they paid for, or the merchant's own word. */
export function defineSource(builder: Builder) {
  builder.prismaObject('ManualGrant', {
    description: 'A benefit given by hand; one per customer and benefit.',
    select: { id: true },
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      reason: t.string({
        nullable: true,
        description: 'Why it was given. For merchants.',
        select: { reason: true },
        resolve: forMerchants(({ reason }) => reason),
      }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'When it ends; null: never.' }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was first given.' }),
    }),
  });
  const ref = builder.unionType('GrantSource', {
    description: 'Why a customer is entitled.',
    types: ['CustomerSubscription', 'Order', 'ManualGrant'],
    resolveType: ({ id }: { id: string }) => TYPENAMES[id.slice(0, 3)] as 'Order',
  });
  return { ref, load };
}

async function load(grant: GrantRow, _args: object, context: Context, info: GraphQLResolveInfo): Promise<never> {
  const { order, manualGrant } = context.database.prisma;
  const query = (typeName: string) => queryFromInfo({ context, info, typeName, select: { id: true } });
  if (grant.subscriptionId) return (await context.loaders.existing('Subscription', grant.subscriptionId)) as never;
  if (grant.orderId)
    return (await order.findUniqueOrThrow({ ...query('Order'), where: { id: grant.orderId } })) as never;
  return (await manualGrant.findUniqueOrThrow({
    ...query('ManualGrant'),
    where: { id: grant.manualGrantId ?? '' },
  })) as never;
}
