import type { Prisma } from '../../../prisma/generated/client/client.ts';
import { type Quantities, type Quantity, quantities } from '../../domain/meters/quantities.ts';
import type { Builder } from '../builder.ts';
import { pageArgs } from '../connection.ts';
import { organizationOf } from '../context.ts';
import { badUserInput } from '../errors.ts';
import { listPage } from '../page.ts';

export function defineMeterQueries(builder: Builder): void {
  builder.queryField('meter', (t) =>
    t.field({
      type: 'Meter',
      nullable: true,
      description: 'One meter; null when there is none.',
      authScopes: { scope: 'meters:read' },
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      resolve: (_root, { id }, { loaders }) => loaders.row('Meter', id),
    }),
  );
  builder.queryField('meters', (t) =>
    t.field({
      type: 'MeterConnection',
      nullable: true,
      description: 'Meters, newest first.',
      authScopes: { scope: 'meters:read' },
      args: {
        isArchived: t.arg.boolean({ description: 'Only those that are archived, or only those that are not.' }),
        ...pageArgs(t.arg),
      },
      resolve: (_root, { isArchived, ...args }, context) => {
        const { meter } = context.database.prisma;
        const where: Prisma.MeterWhereInput = {
          organizationId: organizationOf(context),
          ...(isArchived != null && { archivedAt: isArchived ? { not: null } : null }),
        };
        return listPage(
          args,
          (page) => meter.findMany({ ...page, where, orderBy: { id: 'desc' } }),
          () => meter.count({ where }),
        );
      },
    }),
  );

  const bucket = builder.objectRef<Quantity>('MeterQuantity').implement({
    description: 'What a meter measured in one interval.',
    fields: (t) => ({
      startsAt: t.expose('startsAt', {
        type: 'DateTime',
        description: 'When the interval begins, by the clocks of the time zone.',
      }),
      endsAt: t.expose('endsAt', { type: 'DateTime', description: 'When the next one begins; the last ends at `to`.' }),
      quantity: t.expose('quantity', {
        type: 'Decimal',
        nullable: true,
        description: 'What was measured from `from` to `to`; null where there is nothing to take a MAX, MIN or AVG of.',
      }),
    }),
  });
  const over = builder.objectRef<Quantities>('MeterQuantities').implement({
    description: 'What a meter measured over time, by when things were used.',
    fields: (t) => ({
      total: t.expose('total', {
        type: 'Decimal',
        nullable: true,
        description: 'Over the whole time; not the sum of the intervals where a meter does not add up.',
      }),
      buckets: t.expose('buckets', { type: [bucket], description: 'One after the other, empty ones included.' }),
    }),
  });
  builder.queryField('meterQuantities', (t) =>
    t.field({
      type: over,
      nullable: true,
      description:
        'How much a meter measured over time, for charts; null when there is no such meter. A customer session sees its own.',
      authScopes: { scope: 'meters:read', customer: true },
      args: {
        meterId: t.arg.id({ required: true, description: 'The meter.' }),
        interval: t.arg({
          type: 'MeterInterval',
          required: true,
          description: 'How long each part is; at most 1,000 of them.',
        }),
        timeZone: t.arg.string({
          description: 'By whose clocks: an IANA name such as `Europe/Berlin`. Default `UTC`.',
        }),
        from: t.arg({ type: 'DateTime', required: true, description: 'From then on, included.' }),
        to: t.arg({ type: 'DateTime', required: true, description: 'Until then, excluded.' }),
        customers: t.arg({
          type: ['CustomerBy'],
          description: 'Only of these customers, at most 100. Default: of all. Not for customer sessions.',
        }),
      },
      resolve: async (_root, { meterId, timeZone, customers: named, ...wanted }, context) => {
        const { viewer } = context;
        if (viewer.is === 'customer' && named) throw badUserInput('A customer session sees its own.', ['customers']);
        const customers = viewer.is === 'customer' ? [{ id: viewer.customerId }] : (named ?? null);
        const { meter: meters } = context.database.prisma;
        const meter = await meters.findFirst({ where: { id: meterId, organizationId: organizationOf(context) } });
        return meter && quantities(context.database, meter, { ...wanted, customers, timeZone: timeZone ?? 'UTC' });
      },
    }),
  );
}
