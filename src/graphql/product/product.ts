import * as products from '../../domain/products.ts';
import type { Builder } from '../builder.ts';
import { defineConnection, pageArgs } from '../connection.ts';
import { organizationOf, requireMerchant } from '../context.ts';
import { defineMutation, type PayloadBuilder } from '../mutation.ts';
import { listPage } from '../page.ts';

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
        resolve: ({ metadata }, _args, context) => {
          requireMerchant(context);
          return metadata;
        },
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

  builder.queryField('product', (t) =>
    t.field({
      type: 'Product',
      nullable: true,
      description: 'One product; null when there is none.',
      authScopes: { scope: 'products:read' },
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      resolve: (_root, { id }, { loaders }) => loaders.row('Product', id),
    }),
  );
  builder.queryField('products', (t) =>
    t.field({
      type: 'ProductConnection',
      nullable: true,
      description: 'All products, newest first.',
      authScopes: { scope: 'products:read' },
      args: pageArgs(t.arg),
      resolve: (_root, args, context) => {
        const { product } = context.database.prisma;
        const where = { organizationId: organizationOf(context) };
        return listPage(
          args,
          (page) => product.findMany({ ...page, where, orderBy: { id: 'desc' } }),
          () => product.count({ where }),
        );
      },
    }),
  );

  defineMutation(builder, {
    name: 'createProduct',
    description: 'Makes a product without benefits.',
    scope: 'products:write',
    creates: true,
    input: (t) => ({
      name: t.string({ required: true, description: 'What it is called; at most 200 characters.' }),
      description: t.string({ description: 'What it is; at most 5,000 characters.' }),
      metadata: t.field({ type: 'Metadata', description: 'Whatever the merchant wants to note.' }),
      keepForBuyers: t.boolean({
        description: 'Whether one-time buyers keep benefits that are taken off the list. Default false.',
      }),
    }),
    run: async (tx, input) => ({ id: (await products.create(tx, input)).id }),
    payload: (t) => ({ product: productField(t) }),
  });

  defineMutation(builder, {
    name: 'updateProduct',
    description: 'Changes a product. Absent keeps, null clears. Its benefits are changed by updateProductBenefits.',
    scope: 'products:write',
    keeps: ['name', 'keepForBuyers'],
    input: (t) => ({
      id: t.id({ required: true, description: 'The product.' }),
      name: t.string({ description: 'What it is called; at most 200 characters.' }),
      description: t.string({ description: 'What it is; at most 5,000 characters.' }),
      metadata: t.field({ type: 'Metadata', description: 'Replaces all that was noted.' }),
      keepForBuyers: t.boolean({ description: 'Whether one-time buyers keep benefits that are taken off the list.' }),
    }),
    run: async (tx, input) => ({ id: (await products.update(tx, input)).id }),
    payload: (t) => ({ product: productField(t) }),
  });

  defineMutation(builder, {
    name: 'updateProductBenefits',
    description:
      'Replaces the ordered list of benefits. Whoever subscribed to or bought the product follows in the background.',
    scope: 'products:write',
    input: (t) => ({
      id: t.id({ required: true, description: 'The product.' }),
      benefitIds: t.idList({ required: true, description: 'The whole list, in order; at most 100.' }),
    }),
    run: async (tx, input) => ({ id: (await products.setBenefits(tx, input)).id }),
    payload: (t) => ({ product: productField(t) }),
  });
}

const productField = <Answer extends { id: string }>(t: PayloadBuilder<Answer>) =>
  t.field({
    type: 'Product',
    description: 'As it is now.',
    resolve: ({ id }, _args, { loaders }) => loaders.existing('Product', id),
  });
