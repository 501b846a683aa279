import { queryFromInfo } from '@pothos/plugin-prisma';
import type { Builder } from '../builder.ts';
import { defineConnection, pageArgs } from '../connection.ts';
import { organizationOf } from '../context.ts';
import { listPage } from '../page.ts';

export function defineWebhookEndpoint(builder: Builder): void {
  const filter = builder.inputType('WebhookDeliveryFilter', {
    description: 'Narrows a list of deliveries; all that is given must hold.',
    fields: (t) => ({
      state: t.field({ type: 'WebhookDeliveryState', description: 'In this state.' }),
      type: t.string({ description: 'Of events of exactly this type.' }),
      from: t.field({ type: 'DateTime', description: 'Of events that happened then or later.' }),
      to: t.field({ type: 'DateTime', description: 'Of events that happened before then.' }),
    }),
  });

  builder.prismaObject('WebhookEndpoint', {
    description:
      'A URL that is told what happens, as signed JSON, one event after the other in the order in which they happened.',
    select: { id: true },
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      url: t.exposeString('url', { description: 'What is called, by POST.' }),
      description: t.exposeString('description', { nullable: true, description: 'What it is for.' }),
      events: t.exposeStringList('events', {
        description: 'What it is told: exact types, families such as `benefit_grant.*`, or `*` for everything.',
      }),
      enabled: t.exposeBoolean('enabled', { description: 'Whether it is told anything.' }),
      disabledAt: t.expose('disabledAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was disabled, while it is.',
      }),
      disabledBecause: t.expose('disabledBecause', {
        type: 'WebhookDisabling',
        nullable: true,
        description: 'Why it was disabled, while it is.',
      }),
      failingSince: t.expose('failingSince', {
        type: 'DateTime',
        nullable: true,
        description: 'Since when no call has succeeded; null when the last one did. After 3 days it is disabled.',
      }),
      failures: t.exposeInt('failures', { description: 'How many calls have failed since the last that succeeded.' }),
      retryAt: t.expose('retryAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it is called again after a failure. What has happened since waits in line.',
      }),
      oldSecretUntil: t.expose('oldSecretUntil', {
        type: 'DateTime',
        nullable: true,
        description: 'Until when the secret before the last rotation signs as well.',
      }),
      deliveries: t.field({
        type: 'WebhookDeliveryConnection',
        description: 'What it was told or waits to be told, newest first. Kept for 30 days.',
        args: { filter: t.arg({ type: filter, description: 'Which of them.' }), ...pageArgs(t.arg) },
        resolve: ({ id: endpointId }, args, context, info) => {
          const { webhookDelivery } = context.database.prisma;
          const { state, type, from, to } = args.filter ?? {};
          const message = {
            ...(type && { type }),
            ...((from || to) && { occurredAt: { ...(from && { gte: from }), ...(to && { lt: to }) } }),
          };
          const where = { endpointId, ...(state && { state }), message };
          const query = queryFromInfo({
            context,
            info,
            typeName: 'WebhookDelivery',
            path: ['edges', 'node'],
            select: { id: true },
          });
          return listPage<never>(
            args,
            (page) =>
              webhookDelivery.findMany({ ...query, ...page, where, orderBy: { position: 'desc' } }) as Promise<never>,
            () => webhookDelivery.count({ where }),
          );
        },
      }),
      deliveryCounts: t.field({
        type: 'WebhookDeliveryCounts',
        description: 'How many deliveries there are in each state.',
        resolve: async ({ id: endpointId }, _args, { database }) => {
          const { webhookDelivery } = database.prisma;
          const rows = await webhookDelivery.groupBy({ by: ['state'], where: { endpointId }, _count: true });
          return new Map(rows.map(({ state, _count }) => [state, _count]));
        },
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
    }),
  });
  defineConnection(builder, 'WebhookEndpoint', 'webhook endpoints');

  builder.queryField('webhookEndpoint', (t) =>
    t.prismaField({
      type: 'WebhookEndpoint',
      nullable: true,
      description: 'One webhook endpoint; null when there is none.',
      authScopes: { scope: 'webhooks:read' },
      args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
      resolve: (query, _root, { id }, context) =>
        context.database.prisma.webhookEndpoint.findFirst({
          ...query,
          where: { id, organizationId: organizationOf(context) },
        }) as never,
    }),
  );
  builder.queryField('webhookEndpoints', (t) =>
    t.field({
      type: 'WebhookEndpointConnection',
      nullable: true,
      description: 'The webhook endpoints of the organization, newest first.',
      authScopes: { scope: 'webhooks:read' },
      args: pageArgs(t.arg),
      resolve: (_root, args, context, info) => {
        const { webhookEndpoint } = context.database.prisma;
        const where = { organizationId: organizationOf(context) };
        const query = queryFromInfo({
          context,
          info,
          typeName: 'WebhookEndpoint',
          path: ['edges', 'node'],
          select: { id: true },
        });
        return listPage<never>(
          args,
          (page) => webhookEndpoint.findMany({ ...query, ...page, where, orderBy: { id: 'desc' } }) as Promise<never>,
          () => webhookEndpoint.count({ where }),
        );
      },
    }),
  );
}
