import * as spending from '../../domain/credits/spending.ts';
import * as customers from '../../domain/customers.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Builder } from '../builder.ts';
import type { InputBuilder, PayloadBuilder } from '../declaration.ts';
import { defineMutation } from '../mutation.ts';

/** What is done with credits by hand and by programs. */
export function defineCreditMutations(builder: Builder): void {
  defineMutation(builder, {
    name: 'topUpCredits',
    description: 'Gives credits that come from no benefit. They live beside those that do, and pay overage first.',
    scope: 'meters:write',
    creates: true,
    input: (t) => ({
      ...whoseFields(t),
      units: t.field({ type: 'Decimal', required: true, description: 'How many; more than zero.' }),
      expiresAt: t.field({ type: 'DateTime', description: 'When what is left of them ends; absent: never.' }),
      priority: t.int({ description: 'Credits with a lower one burn first. Default 0.' }),
    }),
    run: async (tx, input) => spending.topUp(tx, await identified(tx, input)),
    payload,
  });

  defineMutation(builder, {
    name: 'adjustCredits',
    description: 'Corrects a balance. What is taken beyond what is left becomes overage.',
    scope: 'meters:write',
    creates: true,
    input: (t) => ({
      ...whoseFields(t),
      units: t.field({ type: 'Decimal', required: true, description: 'More than zero gives, less takes.' }),
      note: t.string({ required: true, description: 'Why, in at most 500 characters; stands in the ledger.' }),
    }),
    run: async (tx, input) => spending.adjust(tx, await identified(tx, input)),
    payload,
  });
}

export const whoseFields = (t: InputBuilder) => ({
  customer: t.field({ type: 'CustomerBy', required: true, description: 'Whose credits.' }),
  meterId: t.id({ required: true, description: 'Of which meter.' }),
});

/** The input with the id of the customer it names. */
export async function identified<Input extends { organizationId: string; customer: customers.CustomerBy }>(
  tx: Tx,
  { customer: by, ...input }: Input,
) {
  const { organizationId } = input as unknown as Input;
  return {
    ...input,
    organizationId,
    customerId: await customers.identify(tx, { organizationId, by, path: ['customer'] }),
  };
}

export const balanceField = <Answer extends { balanceId: string }>(t: PayloadBuilder<Answer>) =>
  t.field({
    type: 'MeterBalance',
    description: 'As it is now.',
    resolve: ({ balanceId }, _args, { loaders }) => loaders.existing('MeterBalance', balanceId),
  });

export const payload = (t: PayloadBuilder<spending.Answer>) => ({ balance: balanceField(t) });
