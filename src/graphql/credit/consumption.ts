import type { Consumption } from '../../domain/credits/consumption.ts';
import { InsufficientCreditsError } from '../../lib/errors.ts';
import { checkWellFormed } from '../../lib/well-formed.ts';
import type { Builder } from '../builder.ts';
import { organizationOf } from '../context.ts';
import { defineMutationBy } from '../mutation.ts';
import { payload, whoseFields } from './mutations.ts';

/** Takes credits: the one thing done with them ten thousand times a second. */
export function defineCreditConsumption(builder: Builder): void {
  defineMutationBy(
    builder,
    {
      name: 'consumeCredits',
      description: 'Takes credits if there are enough, and else none: never below zero, however many ask at once.',
      scope: 'usage:write',
      creates: true,
      input: (t) => ({
        ...whoseFields(t),
        units: t.field({ type: 'Decimal', required: true, description: 'How many; more than zero.' }),
      }),
      errors: [InsufficientCreditsError],
      payload,
    },
    (input, context) => {
      checkWellFormed(input);
      return context.consumeCredits({ ...(input as unknown as Consumption), organizationId: organizationOf(context) });
    },
  );
}
