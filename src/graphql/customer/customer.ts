import type { Builder } from '../builder.ts';
import { childPage, defineConnection, pageArgs } from '../connection.ts';
import { forMerchants } from '../context.ts';
import { liveCursor } from '../cursor-first.ts';
import { grantPage } from '../grant/page.ts';
import { accountsOf } from '../reads/accounts.ts';

export function defineCustomer(builder: Builder): void {
  builder.inputType('CustomerBy', {
    description: 'One way to name a customer.',
    isOneOf: true,
    fields: (t) => ({
      id: t.id({ description: 'Their id here.' }),
      externalId: t.string({ description: 'Their id in the merchant’s own system.' }),
      email: t.string({ description: 'Their e-mail address; upper and lower case are the same.' }),
    }),
  });

  builder.objectType('Customer', {
    description: 'Somebody who was promised something.',
    interfaces: ['Node'],
    fields: (t) => ({
      externalId: t.exposeString('externalId', {
        nullable: true,
        description: 'Their id in the merchant’s own system; unique.',
      }),
      email: t.exposeString('email', { description: 'Their e-mail address, lower-cased; unique.' }),
      name: t.exposeString('name', { nullable: true, description: 'What they are called.' }),
      metadata: t.field({
        type: 'Metadata',
        description: 'What the merchant noted about them. For merchants.',
        resolve: forMerchants(({ metadata }) => metadata),
      }),
      liveCursor: t.string({
        description:
          'Where to begin listening so that nothing after this answer is missed: give it as `after`. Good for 30 days.',
        resolve: (_customer, _args, context) => liveCursor(context),
      }),
      organization: t.prismaField({
        type: 'Organization',
        description: 'The merchant they bought from.',
        resolve: (query, { organizationId }, _args, { database }) =>
          database.prisma.organization.findUniqueOrThrow({ ...query, where: { id: organizationId } }),
      }),
      subscriptions: t.field({
        type: 'CustomerSubscriptionConnection',
        description: 'Their subscriptions, newest first.',
        args: pageArgs(t.arg),
        resolve: ({ id }, args, context) => childPage(context, 'subscriptionsOfCustomer', id, args),
      }),
      grants: t.field({
        type: 'BenefitGrantConnection',
        description: 'What they were promised: purchase by purchase, and within each in the order of the product.',
        args: pageArgs(t.arg),
        resolve: ({ id }, args, context, info) => grantPage(context, info, 'grantsOfCustomer', id, args),
      }),
      accounts: t.field({
        type: ['LinkedAccount'],
        description: 'The accounts they linked, in that order.',
        resolve: ({ id }, _args, context) => accountsOf(context, id),
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When they were made known.' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When something about them last changed.' }),
    }),
  });
  defineConnection(builder, 'Customer', 'customers');
}
