import type { Builder } from '../builder.ts';
import { defineConnection } from '../connection.ts';
import { forMerchants, requireMerchant } from '../context.ts';

const ROLLOUTS = 20;

export function defineProduct(builder: Builder): void {
  builder.objectType('Product', {
    description: 'What is sold: an ordered list of benefits.',
    interfaces: ['Node'],
    fields: (t) => ({
      name: t.exposeString('name', { description: 'What it is called.' }),
      description: t.exposeString('description', { nullable: true, description: 'What it is.' }),
      metadata: t.field({
        type: 'Metadata',
        description: 'What the merchant noted about it. For merchants.',
        resolve: forMerchants(({ metadata }) => metadata),
      }),
      keepForBuyers: t.exposeBoolean('keepForBuyers', {
        description: 'Whether one-time buyers keep benefits that are taken off the list.',
      }),
      benefits: t.field({
        type: ['Benefit'],
        description: 'What it promises, in the order in which customers get and see it.',
        resolve: ({ id }, _args, { loaders }) => loaders.children('benefitsOfProduct', id),
      }),
      rollouts: t.prismaField({
        type: ['Rollout'],
        description: `How the latest changes of the list reach customers, newest first, at most ${ROLLOUTS}. For merchants.`,
        resolve: (query, { id }, _args, context) => {
          requireMerchant(context);
          const product = context.database.prisma.product.findUniqueOrThrow({ where: { id } });
          return product.rollouts({ ...query, orderBy: { id: 'desc' }, take: ROLLOUTS });
        },
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
    }),
  });
  defineConnection(builder, 'Product', 'products');
}
