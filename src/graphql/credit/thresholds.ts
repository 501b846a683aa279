import * as thresholds from '../../domain/credits/thresholds.ts';
import * as customers from '../../domain/customers.ts';
import type { Builder } from '../builder.ts';
import { organizationOf } from '../context.ts';
import { defineMutation } from '../mutation.ts';

/** When somebody wants to hear that credits run low. */
export function defineCreditThresholds(builder: Builder): void {
  builder.objectType('CreditThreshold', {
    description:
      'A balance that reaches it from above is told: as `credit_balance.low`, live, by webhook and by mail to the customer.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Names it.' }),
      units: t.expose('units', { type: 'Decimal', nullable: true, description: 'So many units are left.' }),
      percent: t.expose('percent', {
        type: 'Decimal',
        nullable: true,
        description: 'So many percent of the credits in force are left.',
      }),
      customer: t.field({
        type: 'Customer',
        nullable: true,
        description: 'Whose balance; null: everyone’s.',
        resolve: ({ customerId }, _args, { loaders }) => (customerId ? loaders.existing('Customer', customerId) : null),
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was set.' }),
    }),
  });
  builder.queryField('creditThresholds', (t) =>
    t.field({
      type: ['CreditThreshold'],
      description:
        'When somebody wants to hear of balances of a meter, oldest first; none when there is no such meter.',
      authScopes: { scope: 'meters:read' },
      args: { meterId: t.arg.id({ required: true, description: 'The meter.' }) },
      resolve: (_root, { meterId }, context) =>
        context.database.prisma.creditThreshold.findMany({
          where: { organizationId: organizationOf(context), meterId },
          orderBy: { id: 'asc' },
        }),
    }),
  );

  defineMutation(builder, {
    name: 'createCreditThreshold',
    description: 'Has it told whenever a balance reaches a level from above, by usage or by time; once per crossing.',
    scope: 'meters:write',
    creates: true,
    input: (t) => ({
      meterId: t.id({ required: true, description: 'Of which meter.' }),
      customer: t.field({ type: 'CustomerBy', description: 'Whose balance; absent: everyone’s.' }),
      units: t.field({ type: 'Decimal', description: 'So many units; either these or percent.' }),
      percent: t.field({ type: 'Decimal', description: 'So many percent of the credits in force, up to 100.' }),
    }),
    run: async (tx, { customer: by, ...input }) => {
      const { organizationId } = input;
      const customerId = by ? await customers.identify(tx, { organizationId, by, path: ['customer'] }) : null;
      return { id: (await thresholds.create(tx, { ...input, customerId })).id };
    },
    payload: (t) => ({
      id: t.exposeID('id', { description: 'Names the threshold.' }),
      threshold: t.field({
        type: 'CreditThreshold',
        description: 'What was set.',
        resolve: ({ id }, _args, { database }) => database.prisma.creditThreshold.findUniqueOrThrow({ where: { id } }),
      }),
    }),
  });

  defineMutation(builder, {
    name: 'deleteCreditThreshold',
    description: 'Has it told no more.',
    scope: 'meters:write',
    input: (t) => ({ id: t.id({ required: true, description: 'The threshold.' }) }),
    run: async (tx, { organizationId, id }) => {
      await thresholds.remove(tx, { organizationId, id });
      return { id };
    },
    payload: (t) => ({ id: t.exposeID('id', { description: 'Names the threshold.' }) }),
  });
}
