import * as refunds from '../../domain/refunds.ts';
import type { Builder } from '../builder.ts';
import type { PayloadBuilder } from '../declaration.ts';
import { defineMutation } from '../mutation.ts';

export function defineRefund(builder: Builder): void {
  builder.prismaObject('Refund', {
    description: 'Money that went back.',
    select: { id: true },
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      status: t.expose('status', { type: 'RefundStatus', description: 'What became of it.' }),
      amount: t.expose('amount', {
        type: 'Decimal',
        nullable: true,
        description: 'How much, in units of the currency; null: all of it.',
      }),
      revokeBenefits: t.exposeBoolean('revokeBenefits', { description: 'Whether it withdraws what was promised.' }),
      order: t.relation('order', { nullable: true, description: 'The order it pays back.' }),
      subscription: t.field({
        type: 'CustomerSubscription',
        nullable: true,
        description: 'The subscription whose current period it pays back.',
        select: { subscriptionId: true },
        resolve: ({ subscriptionId }, _args, { loaders }) =>
          subscriptionId ? loaders.row('Subscription', subscriptionId) : null,
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made known.' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
    }),
  });

  defineMutation(builder, {
    name: 'createRefund',
    description:
      'Makes known that an order or a subscription was paid back. A subscription is entitled again with its next paid period.',
    scope: 'orders:write',
    creates: true,
    input: (t) => ({
      orderId: t.id({ description: 'The order; this or subscriptionId.' }),
      subscriptionId: t.id({ description: 'The subscription; this or orderId.' }),
      amount: t.field({
        type: 'Decimal',
        description: 'How much went back, in units of the currency, such as `19.90`; absent: all of it.',
      }),
      revokeBenefits: t.boolean({
        description: 'Whether what was promised is withdrawn. Default: when all of it went back.',
      }),
    }),
    run: async (tx, input) => ({ id: (await refunds.create(tx, input)).id }),
    payload,
  });

  defineMutation(builder, {
    name: 'updateRefund',
    description: 'Reports what became of a refund. One that failed gives back what it withdrew.',
    scope: 'orders:write',
    input: (t) => ({
      id: t.id({ required: true, description: 'The refund.' }),
      status: t.field({ type: 'RefundStatus', required: true, description: 'What became of it.' }),
    }),
    run: async (tx, input) => ({ id: (await refunds.report(tx, input)).id }),
    payload,
  });
}

const payload = (t: PayloadBuilder<{ id: string }>) => ({
  refund: t.prismaField({
    type: 'Refund',
    description: 'As it is now.',
    resolve: (query, { id }, _args, { database }) =>
      database.prisma.refund.findUniqueOrThrow({ ...query, where: { id } }),
  }),
});
