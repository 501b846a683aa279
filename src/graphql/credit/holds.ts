import * as holds from '../../domain/credits/holds.ts';
import { InsufficientCreditsError } from '../../lib/errors.ts';
import type { Builder } from '../builder.ts';
import type { PayloadBuilder } from '../declaration.ts';
import { defineMutation } from '../mutation.ts';
import { balanceField, identified, whoseFields } from './mutations.ts';

/** Credits that are set aside while something is under way whose cost is not known yet. */
export function defineHolds(builder: Builder): void {
  const scope = 'usage:write' as const;
  builder.objectType('CreditHold', {
    description: 'Credits that are set aside.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Names it.' }),
      units: t.expose('units', { type: 'Decimal', description: 'How many.' }),
      state: t.expose('state', { type: 'CreditHoldState', description: 'Whether it still stands.' }),
      committed: t.expose('committed', {
        type: 'Decimal',
        nullable: true,
        description: 'How many of them were used in the end.',
      }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it lapses by itself.' }),
    }),
  });

  defineMutation(builder, {
    name: 'holdCredits',
    description: 'Sets credits aside, if there are enough.',
    scope,
    creates: true,
    input: (t) => ({
      ...whoseFields(t),
      units: t.field({ type: 'Decimal', required: true, description: 'How many; more than zero.' }),
      expiresAt: t.field({ type: 'DateTime', description: 'When it lapses by itself; absent: in 24 hours.' }),
    }),
    errors: [InsufficientCreditsError],
    run: async (tx, input) => holds.place(tx, await identified(tx, input)),
    payload: (t: PayloadBuilder<{ balanceId: string; holdId: string }>) => ({
      hold: t.field({
        type: 'CreditHold',
        description: 'What was set aside.',
        resolve: ({ holdId }, _args, { database }) =>
          database.prisma.creditHold.findUniqueOrThrow({ where: { id: holdId } }),
      }),
      balance: balanceField(t),
    }),
  });

  defineMutation(builder, {
    name: 'commitCreditHold',
    description:
      'Uses what a hold set aside, or less, and frees the rest. It counts even when the credits have ended meanwhile. The same again changes nothing.',
    scope,
    input: (t) => ({
      id: t.id({ required: true, description: 'The hold.' }),
      units: t.field({ type: 'Decimal', description: 'How many were used; absent: all that were set aside.' }),
    }),
    run: (tx, input) => holds.commit(tx, input),
    payload: (t) => ({ balance: balanceField(t) }),
  });

  defineMutation(builder, {
    name: 'releaseCreditHold',
    description: 'Frees what a hold set aside. Twice is harmless.',
    scope,
    input: (t) => ({ id: t.id({ required: true, description: 'The hold.' }) }),
    run: (tx, input) => holds.release(tx, input),
    payload: (t) => ({ balance: balanceField(t) }),
  });
}
