import { conditionFor, count, list } from '../../domain/usage/listing.ts';
import type { Builder } from '../builder.ts';
import { defineConnection, pageArgs } from '../connection.ts';
import { organizationOf } from '../context.ts';
import { readPage, toConnection } from '../page.ts';

/** Usage as it was recorded, for whoever wants to know where a quantity or a balance comes from. */
export function defineUsageEvents(builder: Builder): void {
  builder.objectType('UsageEvent', {
    description: 'Something a customer used, as it was reported; never changed.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Names it.' }),
      name: t.exposeString('name', { description: 'What was used.' }),
      customer: t.field({
        type: 'Customer',
        nullable: true,
        description: 'Whose usage it is; null while there is no customer with its external id.',
        resolve: ({ customerId }, _args, { loaders }) => (customerId ? loaders.row('Customer', customerId) : null),
      }),
      externalCustomerId: t.exposeString('externalCustomerId', {
        nullable: true,
        description: 'The external id by which the customer was named; null where it was by another.',
      }),
      externalId: t.exposeString('externalId', { nullable: true, description: 'Under which it counts once.' }),
      timestamp: t.expose('timestamp', { type: 'DateTime', description: 'When it was used.' }),
      metadata: t.expose('metadata', { type: 'JSON', description: 'What meters look at.' }),
      recordedAt: t.expose('recordedAt', { type: 'DateTime', description: 'When it was recorded.' }),
    }),
  });
  defineConnection(builder, 'UsageEvent', 'usage events');
  const filter = builder.inputType('UsageEventFilter', {
    description: 'Narrows a list of usage events; all that is given must hold.',
    fields: (t) => ({
      customer: t.field({
        type: 'CustomerBy',
        description: 'Of this customer; by an external id also of one who has not come yet.',
      }),
      meterId: t.id({ description: 'What this meter counts.' }),
      name: t.string({ description: 'Of this name.' }),
      externalId: t.string({ description: 'The one with this external id.' }),
      from: t.field({ type: 'DateTime', description: 'Used then or later.' }),
      to: t.field({ type: 'DateTime', description: 'Used before then.' }),
    }),
  });
  builder.queryField('usageEvents', (t) =>
    t.field({
      type: 'UsageEventConnection',
      nullable: true,
      description: 'Usage that was recorded, newest first by when things were used.',
      authScopes: { scope: 'meters:read' },
      args: { filter: t.arg({ type: filter, description: 'Which of it.' }), ...pageArgs(t.arg) },
      resolve: async (_root, { filter: which, ...args }, context) => {
        const { database } = context;
        const page = readPage(args);
        const { meterId, ...facts } = which ?? {};
        const organizationId = organizationOf(context);
        const meter =
          meterId == null ? null : await database.prisma.meter.findFirst({ where: { id: meterId, organizationId } });
        if (meterId != null && !meter) return toConnection([], page, async () => 0);
        const where = await conditionFor(database, { organizationId, ...facts, meter });
        const rows = await list(database, where, { limit: page.limit + 1, after: page.after });
        return toConnection(rows, page, () => count(database, where));
      },
    }),
  );
}
