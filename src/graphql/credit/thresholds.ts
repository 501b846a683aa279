import * as thresholds from '../../domain/credits/thresholds.ts';
import * as customers from '../../domain/customers.ts';
import type { Builder } from '../builder.ts';
import type { PayloadBuilder } from '../declaration.ts';
import { defineMutation } from '../mutation.ts';

/** When a merchant wants to hear that credits run low. */
export function defineCreditThresholds(builder: Builder): void {
  defineMutation(builder, {
    name: 'createCreditThreshold',
    description:
      'Tells `credit_balance.low` once whenever a balance reaches a level that it was above before, by use or by time. Give either units or percent.',
    scope: 'meters:write',
    creates: true,
    input: (t) => ({
      meterId: t.id({ required: true, description: 'Of which meter.' }),
      customer: t.field({ type: 'CustomerBy', description: 'Whose balance; absent: everybody’s.' }),
      units: t.field({ type: 'Decimal', description: 'The level in units; not negative.' }),
      percent: t.field({
        type: 'Decimal',
        description: 'The level in percent of the credits in force; above 0, at most 100.',
      }),
    }),
    run: async (tx, { customer: by, ...input }) => {
      const { organizationId } = input;
      const customerId = by ? await customers.identify(tx, { organizationId, by, path: ['customer'] }) : null;
      return { id: (await thresholds.create(tx, { ...input, customerId })).id };
    },
    payload,
  });

  defineMutation(builder, {
    name: 'deleteCreditThreshold',
    description: 'Tells nothing more of that level.',
    scope: 'meters:write',
    input: (t) => ({ id: t.id({ required: true, description: 'The threshold.' }) }),
    run: async (tx, { organizationId, id }) => {
      await thresholds.remove(tx, { organizationId, id });
      return { id };
    },
    payload,
  });
}

const payload = (t: PayloadBuilder<{ id: string }>) => ({
  id: t.exposeID('id', { description: 'Names the threshold.' }),
});
