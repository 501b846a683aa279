import type { Prisma } from '../../../prisma/generated/client/client.ts';
import type { Builder } from '../builder.ts';
import { pageArgs } from '../connection.ts';
import { organizationOf } from '../context.ts';
import { whereCustomer } from '../customer/where.ts';
import { listPage } from '../page.ts';

export function defineSubscriptionQueries(builder: Builder): void {
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
          ...(productId != null && { productId }),
          ...(status && { status }),
          ...(externalId != null && { externalId }),
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
