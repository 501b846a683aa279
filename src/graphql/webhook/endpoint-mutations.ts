import * as endpoints from '../../domain/webhooks/endpoints.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import type { Builder } from '../builder.ts';
import type { Context } from '../context.ts';
import type { InputBuilder, PayloadBuilder } from '../declaration.ts';
import { defineMutation } from '../mutation.ts';

const EVENTS =
  '1 to 50 of: exact types such as `benefit_grant.created`, families such as `benefit_grant.*`, or `*` for everything.';
const URL_TEXT =
  'What is called, by POST: an http or https URL on the public internet, of at most 2,048 characters, without user name and password.';

export function defineWebhookEndpointMutations(builder: Builder): void {
  defineMutation(builder, {
    name: 'createWebhookEndpoint',
    description: 'Has a URL told what happens from now on, signed as Standard Webhooks say.',
    scope: 'webhooks:write',
    creates: true,
    input: (t) => ({
      url: t.string({ required: true, description: URL_TEXT }),
      events: t.stringList({ required: true, description: EVENTS }),
      description: t.string({ description: 'What it is for; at most 500 characters.' }),
    }),
    around: checkUrl,
    run: async (tx, input) => {
      const { endpoint, secret } = await endpoints.create(tx, input);
      return { id: endpoint.id, secret };
    },
    payload: (t) => ({ endpoint: endpointField(t), secret: secretField(t) }),
  });

  defineMutation(builder, {
    name: 'updateWebhookEndpoint',
    description:
      'Changes an endpoint. Absent keeps, null clears. What waits in line goes to the new URL, without waiting for a retry.',
    scope: 'webhooks:write',
    keeps: ['url', 'events'],
    input: (t) => ({
      id: endpointId(t),
      url: t.string({ description: URL_TEXT }),
      events: t.stringList({ description: EVENTS }),
      description: t.string({ description: 'What it is for; at most 500 characters.' }),
    }),
    around: checkUrl,
    run: async (tx, input) => ({ id: (await endpoints.update(tx, input)).id }),
    payload: (t) => ({ endpoint: endpointField(t) }),
  });

  defineMutation(builder, {
    name: 'deleteWebhookEndpoint',
    description: 'Takes an endpoint away, with everything that was delivered to it.',
    scope: 'webhooks:write',
    input: (t) => ({ id: endpointId(t) }),
    run: async (tx, input) => ({ id: (await endpoints.remove(tx, input)).id }),
    payload: (t) => ({ id: t.exposeID('id', { description: 'The id it had.' }) }),
  });

  defineMutation(builder, {
    name: 'enableWebhookEndpoint',
    description:
      'Has an endpoint told again what happens from now on. One that is failing is called again at once, as if it had never failed. Twice is harmless.',
    scope: 'webhooks:write',
    input: (t) => ({ id: endpointId(t) }),
    run: async (tx, input) => ({ id: (await endpoints.enable(tx, input)).id }),
    payload: (t) => ({ endpoint: endpointField(t) }),
  });

  defineMutation(builder, {
    name: 'disableWebhookEndpoint',
    description:
      'Tells an endpoint nothing any more. What waits in line has failed, and can be redelivered once it is enabled. Twice is harmless.',
    scope: 'webhooks:write',
    input: (t) => ({ id: endpointId(t) }),
    run: async (tx, input) => ({ id: (await endpoints.disable(tx, input)).id }),
    payload: (t) => ({ endpoint: endpointField(t) }),
  });

  defineMutation(builder, {
    name: 'rotateWebhookSecret',
    description: 'Makes a new secret. For 24 hours messages carry signatures of the old one as well.',
    scope: 'webhooks:write',
    creates: true,
    input: (t) => ({ id: endpointId(t) }),
    run: async (tx, input) => {
      const { endpoint, secret } = await endpoints.rotateSecret(tx, input);
      return { id: endpoint.id, secret };
    },
    payload: (t) => ({ endpoint: endpointField(t), secret: secretField(t) }),
  });
}

const endpointId = (t: InputBuilder) => t.id({ required: true, description: 'The endpoint.' });

export const endpointField = <Answer extends { id: string }>(t: PayloadBuilder<Answer>) =>
  t.prismaField({
    type: 'WebhookEndpoint',
    description: 'As it is now.',
    resolve: (query, { id }, _args, { database }) =>
      database.prisma.webhookEndpoint.findUniqueOrThrow({ ...query, where: { id } }) as never,
  });

const secretField = <Answer extends { secret: string }>(t: PayloadBuilder<Answer>) =>
  t.string({
    description: 'What messages are signed with, `whsec_…`. It is shown here and never again.',
    resolve: ({ secret }) => secret,
  });

/** Looks a host up before the transaction begins. It is looked up again, and judged again, at every call. */
async function checkUrl<Result>(
  { http }: Context,
  { url }: { url?: string | null },
  work: () => Promise<Result>,
): Promise<Result> {
  const problem = url ? await http.problem(url) : null;
  if (problem || url === '') throw new InvalidInputError(problem ?? 'It is not a URL.', ['url']);
  return work();
}
