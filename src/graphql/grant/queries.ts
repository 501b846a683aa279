import type { Prisma } from '../../../prisma/generated/client/client.ts';
import type { Builder } from '../builder.ts';
import { pageArgs } from '../connection.ts';
import { organizationOf } from '../context.ts';
import { whereCustomer } from '../customer/where.ts';
import { listPage, type PrismaPage } from '../page.ts';
import { prepareGrants } from './page.ts';

export function defineGrantQueries(builder: Builder): void {
  const filter = defineFilter(builder);

  builder.queryField('benefitGrant', (t) =>
    t.field({
      type: 'BenefitGrant',
      nullable: true,
      description: 'One grant; null when there is none.',
      authScopes: { scope: 'grants:read' },
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      resolve: (_root, { id }, { loaders }) => loaders.row('BenefitGrant', id),
    }),
  );
  builder.queryField('benefitGrants', (t) =>
    t.field({
      type: 'BenefitGrantConnection',
      nullable: true,
      description: 'Grants, newest purchase first, and within each in the order of the product.',
      authScopes: { scope: 'grants:read' },
      args: { filter: t.arg({ type: filter, description: 'Which of them.' }), ...pageArgs(t.arg) },
      resolve: (_root, args, context, info) => {
        const { benefitGrant } = context.database.prisma;
        const where = { organizationId: organizationOf(context), ...conditions(args.filter ?? {}) };
        const orderBy: Prisma.BenefitGrantOrderByWithRelationInput[] = [
          { createdAt: 'desc' },
          { position: 'asc' },
          { id: 'asc' },
        ];
        const read = async (page: PrismaPage) => {
          const found = await benefitGrant.findMany({ ...page, where, orderBy, select: { id: true } });
          const grants = await Promise.all(found.map(({ id }) => context.loaders.existing('BenefitGrant', id)));
          await prepareGrants(context, info, grants);
          return grants;
        };
        return listPage(args, read, () => benefitGrant.count({ where }));
      },
    }),
  );
}

type Filter = ReturnType<typeof defineFilter>['$inferInput'];

const defineFilter = (builder: Builder) =>
  builder.inputType('BenefitGrantFilter', {
    description: 'Narrows a list of grants; all that is given must hold.',
    fields: (t) => ({
      customer: t.field({ type: 'CustomerBy', description: 'To this customer.' }),
      customerId: t.id({ description: 'To the customer with this id.' }),
      benefitId: t.id({ description: 'Of this benefit.' }),
      type: t.field({ type: 'BenefitType', description: 'Of this kind.' }),
      state: t.field({ type: 'GrantState', description: 'In this state.' }),
      isGranted: t.boolean({ description: 'Delivered, or not.' }),
      subscriptionId: t.id({ description: 'Because of this subscription.' }),
      orderId: t.id({ description: 'Because of this order.' }),
      isManual: t.boolean({ description: 'Given by hand, or because of a purchase.' }),
      needsAttention: t.boolean({ description: 'Kept from going on, or not.' }),
      attentionActor: t.field({
        type: 'AttentionActor',
        description: 'Waiting for them: MERCHANT makes the merchant’s to-do list.',
      }),
      attentionCode: t.string({ description: 'Kept from going on by this `attention.code`.' }),
      createdAfter: t.field({ type: 'DateTime', description: 'Promised at this time or later.' }),
      createdBefore: t.field({ type: 'DateTime', description: 'Promised before this time.' }),
    }),
  });

/** An id that is empty is one that finds nothing. */
function conditions(filter: Filter): Prisma.BenefitGrantWhereInput {
  const { customer, customerId, benefitId, type, state, isGranted, subscriptionId, orderId, isManual } = filter;
  const { needsAttention, attentionActor, attentionCode, createdAfter, createdBefore } = filter;
  const all: Prisma.BenefitGrantWhereInput[] = [];
  if (customer) all.push({ customer: whereCustomer(customer) });
  if (customerId != null) all.push({ customerId });
  if (benefitId != null) all.push({ benefitId });
  if (type) all.push({ benefit: { type } });
  if (state) all.push({ state });
  if (isGranted != null) all.push({ state: isGranted ? 'ACTIVE' : { not: 'ACTIVE' } });
  if (subscriptionId != null) all.push({ subscriptionId });
  if (orderId != null) all.push({ orderId });
  if (isManual != null) all.push({ manualGrantId: isManual ? { not: null } : null });
  if (needsAttention != null) all.push({ attentionCode: needsAttention ? { not: null } : null });
  if (attentionActor) all.push({ attentionActor });
  if (attentionCode != null) all.push({ attentionCode });
  if (createdAfter) all.push({ createdAt: { gte: createdAfter } });
  if (createdBefore) all.push({ createdAt: { lt: createdBefore } });
  return { AND: all };
}
