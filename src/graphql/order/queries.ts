import { queryFromInfo } from '@pothos/plugin-prisma';
import type { Prisma } from '../../../prisma/generated/client/client.ts';
import type { Builder } from '../builder.ts';
import { pageArgs } from '../connection.ts';
import { organizationOf } from '../context.ts';
import { whereCustomer } from '../customer/where.ts';
import { listPage } from '../page.ts';

export function defineOrderQueries(builder: Builder): void {
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
          ...(productId != null && { productId }),
          ...(status && { status }),
          ...(externalId != null && { externalId }),
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
