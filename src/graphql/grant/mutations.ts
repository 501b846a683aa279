import * as customers from '../../domain/customers.ts';
import * as grants from '../../domain/grants/verbs.ts';
import * as manualGrants from '../../domain/manual-grants.ts';
import type { Builder } from '../builder.ts';
import type { InputBuilder, PayloadBuilder } from '../declaration.ts';
import { defineMutation } from '../mutation.ts';

export function defineGrantMutations(builder: Builder): void {
  const scope = 'grants:write' as const;

  defineMutation(builder, {
    name: 'createBenefitGrant',
    description:
      'Gives a benefit by hand. There is one such grant per customer and benefit: giving again changes it, and lifts a revocation.',
    scope,
    creates: true,
    input: (t) => ({
      customer: t.field({ type: 'CustomerBy', required: true, description: 'To whom.' }),
      benefitId: t.id({ required: true, description: 'What.' }),
      reason: t.string({ description: 'Why, for the merchant; at most 500 characters.' }),
      expiresAt: t.field({ type: 'DateTime', description: 'Until when; absent: for good.' }),
    }),
    run: async (tx, { customer, ...input }) => {
      const customerId = await customers.identify(tx, {
        organizationId: input.organizationId,
        by: customer,
        path: ['customer'],
      });
      return { id: (await manualGrants.create(tx, { ...input, customerId })).id };
    },
    payload,
  });

  defineMutation(builder, {
    name: 'revokeBenefitGrant',
    description: 'Takes a grant away by hand. It stays away, whatever its source says, until it is lifted.',
    scope,
    input: (t) => ({
      id: idField(t),
      reason: t.string({ description: 'Why, for the merchant; at most 500 characters.' }),
    }),
    run: async (tx, input) => ({ id: (await grants.revoke(tx, input)).id }),
    payload,
  });

  defineMutation(builder, {
    name: 'liftBenefitGrant',
    description: 'Takes a revocation by hand back: the grant follows its source again.',
    scope,
    input: (t) => ({ id: idField(t) }),
    run: async (tx, input) => ({ id: (await grants.lift(tx, input)).id }),
    payload,
  });

  defineMutation(builder, {
    name: 'retryBenefitGrant',
    description: 'Tries again now, whatever the grant was waiting for.',
    scope,
    input: (t) => ({ id: idField(t) }),
    run: async (tx, input) => ({ id: (await grants.retry(tx, input)).id }),
    payload,
  });

  defineMutation(builder, {
    name: 'fulfillBenefitGrant',
    description: 'Marks what a grant promised as done by hand.',
    scope,
    input: (t) => ({ id: idField(t) }),
    run: async (tx, input) => ({ id: (await grants.fulfill(tx, input)).id }),
    payload,
  });
}

const idField = (t: InputBuilder) => t.id({ required: true, description: 'The grant.' });

const payload = (t: PayloadBuilder<{ id: string }>) => ({
  grant: t.field({
    type: 'BenefitGrant',
    description: 'As it is now.',
    resolve: ({ id }, _args, { loaders }) => loaders.existing('BenefitGrant', id),
  }),
});
