import type { Prisma } from '../../../prisma/generated/client/client.ts';
import type { Builder } from '../builder.ts';
import { defineConnection, pageArgs } from '../connection.ts';
import { organizationOf } from '../context.ts';
import { whereCustomer } from '../customer/where.ts';
import { listPage } from '../page.ts';

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

  const filter = builder.inputType('SubscriptionFilter', {
    description: 'Narrows a list of subscriptions; all that is given must hold.',
    fields: (t) => ({
      customer: t.field({ type: 'CustomerBy', description: 'Of this customer.' }),
      productId: t.id({ description: 'To this product.' }),
      status: t.field({ type: 'SubscriptionStatus', description: 'In this status.' }),
      externalId: t.string({ description: 'With this id in the billing system.' }),
    }),
  });
  builder.queryField('subscription', (t) =>
    t.field({
      type: 'CustomerSubscription',
      nullable: true,
      description: 'One subscription; null when there is none.',
      authScopes: { scope: 'subscriptions:read' },
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      resolve: (_root, { id }, { loaders }) => loaders.row('Subscription', id),
    }),
  );
  builder.queryField('subscriptions', (t) =>
    t.field({
      type: 'CustomerSubscriptionConnection',
      nullable: true,
      description: 'Subscriptions, newest first.',
      authScopes: { scope: 'subscriptions:read' },
      args: { filter: t.arg({ type: filter, description: 'Which of them.' }), ...pageArgs(t.arg) },
      resolve: (_root, args, context) => {
        const { subscription } = context.database.prisma;
        const { customer, productId, status, externalId } = args.filter ?? {};
        const where: Prisma.SubscriptionWhereInput = {
          organizationId: organizationOf(context),
          ...(customer && { customer: whereCustomer(customer) }),
          ...(productId && { productId }),
          ...(status && { status }),
          ...(externalId && { externalId }),
        };
        return listPage(
          args,
          (page) => subscription.findMany({ ...page, where, orderBy: { id: 'desc' } }),
          () => subscription.count({ where }),
        );
      },
    }),
  );
}
