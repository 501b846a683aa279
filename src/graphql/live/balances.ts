import type { Builder } from '../builder.ts';
import { AFTER, CURSOR, listen, type Prepare, type Told, whose } from './stream.ts';

/** What happens to balances. */
export function defineBalanceChanged(builder: Builder): void {
  const balanceChanged = builder.objectRef<Told>('CreditBalanceChanged').implement({
    description: 'A balance changed.',
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: CURSOR }),
      occurredAt: t.field({
        type: 'DateTime',
        description: 'When it changed.',
        resolve: ({ event }) => event.occurredAt,
      }),
      balance: t.field({
        type: 'MeterBalance',
        description: 'The balance as it is now, never older than the change.',
        resolve: ({ event }, _args, { loaders }) => loaders.existing('MeterBalance', event.subjectId),
      }),
    }),
  });

  builder.subscriptionField('creditBalanceChanged', (t) =>
    t.field({
      type: balanceChanged,
      description:
        'Changes of the balances of one customer, or for a merchant who names none, of all. A customer hears only themselves. For tokens with the scope `meters:read`, and for customer sessions.',
      args: {
        customer: t.arg({ type: 'CustomerBy', description: 'Whose balances; for merchants.' }),
        meterId: t.arg.id({ description: 'Only those of this meter.' }),
        after: t.arg.string({ description: AFTER }),
      },
      subscribe: async (_root, { customer, meterId, after }, context) => {
        const customerId = await whose(context, customer, 'meters:read');
        const isMeant = ({ data }: Told['event']) =>
          !meterId || (data as { balance?: { meterId?: string } }).balance?.meterId === meterId;
        return listen(context, { customerId, types: ['credit_balance.changed'], isMeant }, after, prepare);
      },
      resolve: (told) => told as Told,
    }),
  );
}

const prepare: Prepare = (loaders, together) =>
  loaders.prepare('MeterBalance', [...new Set(together.map(({ subjectId }) => subjectId))]);
