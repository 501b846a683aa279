import { type Ingested, ingest, MOST_EVENTS } from '../../domain/usage/ingestion.ts';
import type { Delivery } from '../../domain/usage/intake.ts';
import { checkWellFormed } from '../../lib/well-formed.ts';
import type { Builder } from '../builder.ts';
import { organizationOf } from '../context.ts';
import type { PayloadBuilder } from '../declaration.ts';
import { defineMutationBy } from '../mutation.ts';
import { perform } from '../perform.ts';

export function defineUsage(builder: Builder): void {
  const event = builder.inputType('UsageEventInput', {
    description: 'Something a customer used.',
    fields: (t) => ({
      name: t.string({ required: true, description: 'What was used; at most 200 characters.' }),
      customer: t.field({
        type: 'CustomerBy',
        required: true,
        description:
          'Whose usage it is. An unknown id or e-mail address is a mistake; an unknown external id is kept for the customer to come.',
      }),
      externalId: t.string({ description: 'Counts once, for ever, in the organization; at most 200 characters.' }),
      timestamp: t.field({ type: 'DateTime', description: 'When it was used, at most 5 minutes ahead. Default: now.' }),
      metadata: t.field({
        type: 'JSON',
        description:
          'What meters look at: up to 50 keys of up to 40 characters, at most 5 deep; values are strings of up to 500 characters, numbers or booleans.',
      }),
    }),
  });
  const name = 'ingestUsage';
  const scope = 'usage:write';
  defineMutationBy(
    builder,
    {
      name,
      description: `Records up to ${MOST_EVENTS} usage events, in order, and changes balances with them: whoever reads after the answer sees it. One event with a mistake refuses them all, its index in \`path\`.`,
      scope,
      creates: true,
      input: (t) => ({
        events: t.field({ type: [event], required: true, description: `The events, 1 to ${MOST_EVENTS}.` }),
      }),
      payload: (t: PayloadBuilder<Ingested>) => ({
        ingested: t.exposeInt('ingested', { description: 'How many were new.' }),
        duplicates: t.exposeInt('duplicates', { description: 'How many had an `externalId` that counted already.' }),
      }),
    },
    (input, context) => {
      // What is remembered under a key is remembered in the transaction of that call alone.
      if (typeof input.idempotencyKey === 'string')
        return perform({ name, scope, creates: true, run: ingest }, input, context);
      checkWellFormed(input);
      return context.ingestUsage({ ...(input as unknown as Delivery), organizationId: organizationOf(context) });
    },
  );
}
