import { queryFromInfo } from '@pothos/plugin-prisma';
import type { Prisma } from '../../../prisma/generated/client/client.ts';
import * as customers from '../../domain/customers.ts';
import * as orders from '../../domain/orders.ts';
import type { Builder } from '../builder.ts';
import { defineConnection, pageArgs } from '../connection.ts';
import { organizationOf } from '../context.ts';
import { whereCustomer } from '../customer/where.ts';
import { defineMutation } from '../mutation.ts';
import { listPage } from '../page.ts';

export function defineOrder(builder: Builder): void {
  builder.prismaObject('Order', {
    description: 'What a customer paid for once; why they are entitled for good, unless it is refunded.',
    interfaces: ['Node'],
    select: { id: true },
    fields: (t) => ({
      externalId: t.exposeString('externalId', {
        nullable: true,
        description: 'Its id in the billing system; unique.',
      }),
      status: t.expose('status', { type: 'OrderStatus', description: 'Whether it still stands.' }),
      amount: t.expose('amount', { type: 'Decimal', nullable: true, description: 'What was paid.' }),
      currency: t.exposeString('currency', { nullable: true, description: 'In which currency, ISO 4217.' }),
      product: t.field({
        type: 'Product',
        description: 'What was paid for.',
        select: { productId: true },
        resolve: ({ productId }, _args, { loaders }) => loaders.existing('Product', productId),
      }),
      customer: t.field({
        type: 'Customer',
        description: 'Who paid for it.',
        select: { customerId: true },
        resolve: ({ customerId }, _args, { loaders }) => loaders.existing('Customer', customerId),
      }),
      grants: t.field({
        type: ['BenefitGrant'],
        description: 'What it promised, in the order of the product.',
        resolve: ({ id }, _args, { loaders }) => loaders.children('grantsOfOrder', id),
      }),
      refunds: t.relation('refunds', {
        description: 'What was paid back of it, oldest first.',
        query: { orderBy: { id: 'asc' } },
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made known.' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
    }),
  });
  defineConnection(builder, 'Order', 'orders');
  defineQueries(builder);

  defineMutation(builder, {
    name: 'createOrder',
    description:
      'Makes a paid, one-time purchase known. What its product promises is granted in the same transaction and delivered at once.',
    scope: 'orders:write',
    creates: true,
    input: (t) => ({
      customer: t.field({ type: 'CustomerBy', required: true, description: 'Who paid.' }),
      productId: t.id({ required: true, description: 'For what.' }),
      amount: t.field({ type: 'Decimal', description: 'How much; with at most 6 decimals.' }),
      currency: t.string({ description: 'In which currency, ISO 4217.' }),
      externalId: t.string({ description: 'Its id in the billing system; unique.' }),
    }),
    run: async (tx, { customer, ...input }) => {
      const customerId = await customers.identify(tx, {
        organizationId: input.organizationId,
        by: customer,
        path: ['customer'],
      });
      return { id: (await orders.create(tx, { ...input, customerId })).id };
    },
    payload: (t) => ({
      order: t.prismaField({
        type: 'Order',
        description: 'As it is now.',
        resolve: (query, { id }, _args, { database }) =>
          database.prisma.order.findUniqueOrThrow({ ...query, where: { id } }),
      }),
    }),
  });
}

function defineQueries(builder: Builder): void {
  const filter = builder.inputType('OrderFilter', {
    description: 'Narrows a list of orders; all that is given must hold.',
    fields: (t) => ({
      customer: t.field({ type: 'CustomerBy', description: 'Of this customer.' }),
      productId: t.id({ description: 'For this product.' }),
      status: t.field({ type: 'OrderStatus', description: 'In this status.' }),
      externalId: t.string({ description: 'With this id in the billing system.' }),
    }),
  });
  builder.queryField('order', (t) =>
    t.prismaField({
      type: 'Order',
      nullable: true,
      description: 'One order; null when there is none.',
      authScopes: { scope: 'orders:read' },
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      resolve: (query, _root, { id }, context) =>
        context.database.prisma.order.findFirst({ ...query, where: { id, organizationId: organizationOf(context) } }),
    }),
  );
  builder.queryField('orders', (t) =>
    t.field({
      type: 'OrderConnection',
      nullable: true,
      description: 'Orders, newest first.',
      authScopes: { scope: 'orders:read' },
      args: { filter: t.arg({ type: filter, description: 'Which of them.' }), ...pageArgs(t.arg) },
      resolve: (_root, args, context, info) => {
        const { order } = context.database.prisma;
        const { customer, productId, status, externalId } = args.filter ?? {};
        const where: Prisma.OrderWhereInput = {
          organizationId: organizationOf(context),
          ...(customer && { customer: whereCustomer(customer) }),
          ...(productId && { productId }),
          ...(status && { status }),
          ...(externalId && { externalId }),
        };
        const query = queryFromInfo({
          context,
          info,
          typeName: 'Order',
          path: ['edges', 'node'],
          select: { id: true },
        });
        return listPage<never>(
          args,
          (page) => order.findMany({ ...query, ...page, where, orderBy: { id: 'desc' } }) as Promise<never>,
          () => order.count({ where }),
        );
      },
    }),
  );
}
