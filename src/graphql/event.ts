import type { Kind } from '../benefits/kind.ts';
import { wire } from '../benefits/wire.ts';
import type { Builder } from './builder.ts';
import { defineConnection } from './connection.ts';

export function defineEvent(builder: Builder, kinds: readonly Kind[]): void {
  builder.objectType('Event', {
    description: 'Something that happened, written down in the transaction in which it happened.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      type: t.exposeString('type', {
        description: 'What happened, such as `benefit_grant.revoked`; docs/webhooks.md lists all.',
      }),
      sequence: t.expose('sequence', {
        type: 'BigInt',
        description: 'Its place among all events of the organization, without gaps.',
      }),
      occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it happened.' }),
      data: t.field({
        type: 'JSON',
        description: 'What it was about, as it was then: the JSON that webhooks carry.',
        resolve: (event) => wire(kinds, event),
      }),
    }),
  });
  defineConnection(builder, 'Event', 'events');
}
