import type { Builder } from '../builder.ts';
import { defineConnection } from '../connection.ts';

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
      amount: t.expose('amount', {
        type: 'Decimal',
        nullable: true,
        description: 'What was paid, in units of the currency.',
      }),
      currency: t.exposeString('currency', {
        nullable: true,
        description: 'In which currency: its three letters by ISO 4217, such as `USD`.',
      }),
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
}
