import type { Builder } from '../builder.ts';
import { defineConnection } from '../connection.ts';

const LONGEST_LOG = 100;

export function defineWebhookDelivery(builder: Builder): void {
  builder.objectType('WebhookDeliveryCounts', {
    description: 'How many deliveries of an endpoint there are in each state.',
    fields: (t) => ({
      pending: t.int({ description: 'In line, or being delivered.', resolve: (counts) => counts.get('PENDING') ?? 0 }),
      delivered: t.int({ description: 'Answered with success.', resolve: (counts) => counts.get('DELIVERED') ?? 0 }),
      failed: t.int({
        description: 'Given up when the endpoint was disabled.',
        resolve: (counts) => counts.get('FAILED') ?? 0,
      }),
    }),
  });
  builder.prismaObject('WebhookDelivery', {
    description: 'One event, told to one endpoint.',
    select: { id: true },
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      state: t.expose('state', { type: 'WebhookDeliveryState', description: 'How far it has come.' }),
      deliveredAt: t.expose('deliveredAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it succeeded, if it did.',
      }),
      endpoint: t.relation('endpoint', { description: 'Who is told.' }),
      eventId: t.exposeID('messageId', { description: 'The id of the event, also sent as `webhook-id`.' }),
      eventType: t.string({
        description: 'What happened, such as `benefit_grant.revoked`; docs/webhooks.md lists all.',
        select: { message: { select: { type: true } } },
        resolve: ({ message }) => message.type,
      }),
      occurredAt: t.field({
        type: 'DateTime',
        description: 'When it happened.',
        select: { message: { select: { occurredAt: true } } },
        resolve: ({ message }) => message.occurredAt,
      }),
      body: t.string({
        description: 'What is sent, byte for byte the same at every attempt.',
        select: { message: { select: { body: true } } },
        resolve: ({ message }) => message.body,
      }),
      attempts: t.relation('attempts', {
        description: `The calls that were made, newest first, at most ${LONGEST_LOG}.`,
        query: { orderBy: [{ startedAt: 'desc' }, { id: 'desc' }], take: LONGEST_LOG },
      }),
    }),
  });
  builder.prismaObject('WebhookAttempt', {
    description: 'One call to an endpoint, and what came of it.',
    select: { id: true },
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When the call was made.' }),
      latencyMs: t.exposeInt('latencyMs', { description: 'How long it took, in milliseconds.' }),
      status: t.exposeInt('status', {
        nullable: true,
        description: 'The HTTP status that came back; null when there was no whole answer.',
      }),
      response: t.exposeString('response', {
        nullable: true,
        description: 'The first 2 KB of what came back, as text.',
      }),
      error: t.exposeString('error', {
        nullable: true,
        description: 'What went wrong, where the status does not say.',
      }),
    }),
  });
  defineConnection(builder, 'WebhookDelivery', 'deliveries');
}
