import type { Kind } from '../../benefits/kind.ts';
import { wire } from '../../benefits/wire.ts';
import * as events from '../../domain/events.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import type { Builder } from '../builder.ts';
import { requireMerchant } from '../context.ts';
import { AFTER, CURSOR, listen, type Told } from './stream.ts';

const MAX_TYPES = 50;

/** Everything that happens. */
export function defineEventAppended(builder: Builder, kinds: readonly Kind[]): void {
  const eventAppended = builder.objectRef<Told>('EventAppended').implement({
    description: 'Something happened, told as webhooks tell it.',
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: CURSOR }),
      id: t.id({ description: 'The id of the event.', resolve: ({ event }) => event.id }),
      type: t.string({
        description: 'What happened, such as `benefit_grant.revoked`; docs/webhooks.md lists all.',
        resolve: ({ event }) => event.type,
      }),
      occurredAt: t.field({
        type: 'DateTime',
        description: 'When it happened.',
        resolve: ({ event }) => event.occurredAt,
      }),
      data: t.field({
        type: 'JSON',
        description: 'What it was about, as it was then: the JSON that webhooks carry.',
        resolve: ({ event }) => wire(kinds, event),
      }),
    }),
  });

  builder.subscriptionField('eventAppended', (t) =>
    t.field({
      type: eventAppended,
      description:
        'Everything that happens in the organization, the same events as webhooks carry. For tokens with the scope `events:read`.',
      args: {
        types: t.arg.stringList({
          description: 'Only these: exact types, or families such as `benefit_grant.*`. Without it: all.',
        }),
        after: t.arg.string({ description: AFTER }),
      },
      subscribe: (_root, { types, after }, context) => {
        requireMerchant(context, 'events:read');
        return listen(context, { types: checkTypes(types) }, after);
      },
      resolve: (told) => told as Told,
    }),
  );
}

function checkTypes(types: readonly string[] | null | undefined): readonly string[] | undefined {
  if (!types) return undefined;
  if (types.length === 0 || types.length > MAX_TYPES)
    throw new InvalidInputError(`Name 1 to ${MAX_TYPES} types, or leave them out to hear all.`, ['types']);
  const wrong = types.findIndex((type) => !events.isTypeOrFamily(type));
  if (wrong >= 0)
    throw new InvalidInputError('It is no event type: benefit_grant.created, benefit_grant.*', [
      'types',
      String(wrong),
    ]);
  return types;
}
