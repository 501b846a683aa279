import { sampleBody } from '../../benefits/samples.ts';
import * as again from '../../domain/webhooks/again.ts';
import * as endpoints from '../../domain/webhooks/endpoints.ts';
import { sendOne } from '../../domain/webhooks/fan-out.ts';
import type { Builder } from '../builder.ts';
import { defineMutation } from '../mutation.ts';
import { endpointField } from './endpoint-mutations.ts';

export function defineWebhookDeliveryMutations(builder: Builder): void {
  defineMutation(builder, {
    name: 'sendTestWebhook',
    description:
      'Tells an endpoint of an event that never happened: `"test": true` stands beside its type. It waits in line like any other.',
    scope: 'webhooks:write',
    creates: true,
    input: (t) => ({
      id: t.id({ required: true, description: 'The endpoint.' }),
      type: t.string({
        description: 'Of which type: any that is told. Default `benefit_grant.created`.',
      }),
      kind: t.field({
        type: 'BenefitType',
        description: 'About a benefit of which kind, where the type tells of one. Default: the first there is.',
      }),
    }),
    run: async (tx, { organizationId, id, type = 'benefit_grant.created', kind }, { kinds }) => {
      const render = sampleBody(kinds, { organizationId, type, kind, now: tx.now });
      endpoints.requireEnabled(await endpoints.lock(tx, { organizationId, id }), ['id']);
      const delivery = await sendOne(tx, { organizationId, endpointId: id, type, body: render });
      return { id: delivery.id };
    },
    payload: (t) => ({
      delivery: t.prismaField({
        type: 'WebhookDelivery',
        description: 'How far it has come.',
        resolve: (query, { id }, _args, { database }) =>
          database.prisma.webhookDelivery.findUniqueOrThrow({ ...query, where: { id } }) as never,
      }),
    }),
  });

  defineMutation(builder, {
    name: 'redeliverWebhook',
    description:
      'Sends messages again, with the ids and bodies they had, in the order they had and before what is newer: one delivery; or of an endpoint those of events in a time range, those that failed, or both.',
    scope: 'webhooks:write',
    input: (t) => ({
      deliveryId: t.id({ description: 'This one; this or endpointId.' }),
      endpointId: t.id({ description: 'Those of this endpoint that the other fields select; this or deliveryId.' }),
      from: t.field({ type: 'DateTime', description: 'Of events that happened then or later.' }),
      to: t.field({ type: 'DateTime', description: 'Of events that happened before then.' }),
      failed: t.boolean({ description: 'Only those that failed.' }),
    }),
    run: async (tx, input) => {
      const { endpointId, count } = await again.redeliver(tx, input);
      return { id: endpointId, count };
    },
    payload: (t) => ({
      count: t.exposeInt('count', { description: 'How many are sent again.' }),
      endpoint: endpointField(t),
    }),
  });
}
