import type { Builder } from '../builder.ts';
import { defineConnection } from '../connection.ts';

/** `CustomerSubscription`: `Subscription` is GraphQL's own word for its live root. */
export function defineSubscription(builder: Builder): void {
  builder.objectType('CustomerSubscription', {
    description: 'What a customer pays for again and again; why they are entitled while it lasts.',
    interfaces: ['Node'],
    fields: (t) => ({
      externalId: t.exposeString('externalId', {
        nullable: true,
        description: 'Its id in the billing system; unique.',
      }),
      status: t.expose('status', { type: 'SubscriptionStatus', description: 'What the billing system last said.' }),
      currentPeriodStart: t.expose('currentPeriodStart', {
        type: 'DateTime',
        description: 'When the paid period began.',
      }),
      currentPeriodEnd: t.expose('currentPeriodEnd', {
        type: 'DateTime',
        nullable: true,
        description: 'When the paid period ends, if it does.',
      }),
      trialEndsAt: t.expose('trialEndsAt', { type: 'DateTime', nullable: true, description: 'When its trial ends.' }),
      cancelAtPeriodEnd: t.exposeBoolean('cancelAtPeriodEnd', {
        description: 'Whether it ends with the current period.',
      }),
      canceledAt: t.expose('canceledAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was cancelled, whenever it ends.',
      }),
      endsAt: t.expose('endsAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it ends or ended, once that is known.',
      }),
      pastDueAt: t.expose('pastDueAt', {
        type: 'DateTime',
        nullable: true,
        description: 'Since when a payment is late.',
      }),
      product: t.field({
        type: 'Product',
        description: 'What is paid for.',
        resolve: ({ productId }, _args, { loaders }) => loaders.existing('Product', productId),
      }),
      customer: t.field({
        type: 'Customer',
        description: 'Who pays for it.',
        resolve: ({ customerId }, _args, { loaders }) => loaders.existing('Customer', customerId),
      }),
      grants: t.field({
        type: ['BenefitGrant'],
        description: 'What it promised, in the order of the product.',
        resolve: ({ id }, _args, { loaders }) => loaders.children('grantsOfSubscription', id),
      }),
      refunds: t.prismaField({
        type: ['Refund'],
        description: 'What was paid back of it, oldest first.',
        resolve: (query, { id }, _args, { database }) =>
          database.prisma.subscription
            .findUniqueOrThrow({ where: { id } })
            .refunds({ ...query, orderBy: { id: 'asc' } }),
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made known.' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
    }),
  });
  defineConnection(builder, 'CustomerSubscription', 'subscriptions');
}
