import * as customers from '../../domain/customers.ts';
import type { Builder } from '../builder.ts';
import { childPage, defineConnection, pageArgs } from '../connection.ts';
import { type Context, organizationOf, requireMerchant } from '../context.ts';
import { liveCursor } from '../cursor-first.ts';
import { grantPage } from '../grant/page.ts';
import { defineMutation, type PayloadBuilder } from '../mutation.ts';
import { SOURCES } from '../reads/rows.ts';

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
        resolve: ({ metadata }, _args, context) => {
          requireMerchant(context);
          return metadata;
        },
      }),
      liveCursor: t.string({
        description: 'Where to begin listening so that nothing after this answer is missed.',
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
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When they were made known.' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When something about them last changed.' }),
    }),
  });
  defineConnection(builder, 'Customer', 'customers');

  builder.queryField('customer', (t) =>
    t.field({
      type: 'Customer',
      nullable: true,
      description: 'One customer, however named; null when there is none.',
      authScopes: { scope: 'customers:read' },
      args: { by: t.arg({ type: 'CustomerBy', required: true, description: 'Who is meant.' }) },
      resolve: (_root, { by }, context) => find(context, by),
    }),
  );
  builder.queryField('customers', (t) =>
    t.field({
      type: 'CustomerConnection',
      nullable: true,
      description: 'All customers, newest first.',
      authScopes: { scope: 'customers:read' },
      args: pageArgs(t.arg),
      resolve: (_root, args, context) => childPage(context, 'customersOfOrganization', organizationOf(context), args),
    }),
  );

  defineMutation(builder, {
    name: 'createCustomer',
    description: 'Makes a customer known.',
    scope: 'customers:write',
    creates: true,
    input: (t) => ({
      email: t.string({ required: true, description: 'Their e-mail address; unique within the organization.' }),
      externalId: t.string({ description: 'Their id in the merchant’s own system; unique, at most 200 characters.' }),
      name: t.string({ description: 'What they are called; at most 200 characters.' }),
      metadata: t.field({ type: 'Metadata', description: 'Whatever the merchant wants to note.' }),
    }),
    run: async (tx, input) => ({ id: (await customers.create(tx, input)).id }),
    payload: (t) => ({ customer: customerField(t) }),
  });

  defineMutation(builder, {
    name: 'updateCustomer',
    description: 'Changes what is known about a customer. Absent keeps, null clears.',
    scope: 'customers:write',
    keeps: ['email'],
    input: (t) => ({
      id: t.id({ required: true, description: 'The customer.' }),
      email: t.string({ description: 'Their e-mail address; unique within the organization.' }),
      externalId: t.string({ description: 'Their id in the merchant’s own system; unique, at most 200 characters.' }),
      name: t.string({ description: 'What they are called; at most 200 characters.' }),
      metadata: t.field({ type: 'Metadata', description: 'Replaces all that was noted.' }),
    }),
    run: async (tx, input) => ({ id: (await customers.update(tx, input)).id }),
    payload: (t) => ({ customer: customerField(t) }),
  });
}

const customerField = <Answer extends { id: string }>(t: PayloadBuilder<Answer>) =>
  t.field({
    type: 'Customer',
    description: 'As they are now.',
    resolve: ({ id }, _args, { loaders }) => loaders.existing('Customer', id),
  });

/** Hot: one prepared statement, whichever name is given. */
async function find(context: Context, { id, externalId, email }: customers.CustomerBy) {
  if (id) return context.loaders.row('Customer', id);
  const [column, value] = externalId ? ['externalId', externalId] : ['email', email?.trim().toLowerCase()];
  const { columns, from } = SOURCES.Customer;
  const [customer] = await context.database.read<never>(
    `customer by ${column}`,
    `SELECT ${columns} FROM ${from} WHERE t."organizationId" = $1 AND t."${column}" = $2`,
    [organizationOf(context), value],
  );
  return customer ?? null;
}
