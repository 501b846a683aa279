import * as customers from '../../domain/customers.ts';
import * as subscriptions from '../../domain/subscriptions/subscriptions.ts';
import type { Builder } from '../builder.ts';
import type { InputBuilder, PayloadBuilder } from '../declaration.ts';
import { defineMutation } from '../mutation.ts';

export function defineSubscriptionMutations(builder: Builder): void {
  const scope = 'subscriptions:write' as const;

  defineMutation(builder, {
    name: 'createSubscription',
    description:
      'Makes a subscription known. What its product promises is granted in the same transaction and delivered at once.',
    scope,
    creates: true,
    input: (t) => ({
      customer: t.field({ type: 'CustomerBy', required: true, description: 'Who subscribed.' }),
      productId: t.id({ required: true, description: 'To what.' }),
      status: t.field({ type: 'NewSubscriptionStatus', description: 'What it begins as. Default ACTIVE.' }),
      currentPeriodStart: t.field({ type: 'DateTime', description: 'When the paid period began. Default now.' }),
      currentPeriodEnd: t.field({ type: 'DateTime', description: 'When the paid period ends, if it does.' }),
      trialEndsAt: t.field({ type: 'DateTime', description: 'When its trial ends.' }),
      externalId: t.string({ description: 'Its id in the billing system; unique.' }),
    }),
    run: async (tx, { customer, ...input }) => {
      const customerId = await customers.identify(tx, {
        organizationId: input.organizationId,
        by: customer,
        path: ['customer'],
      });
      return { id: (await subscriptions.create(tx, { ...input, customerId })).id };
    },
    payload,
  });

  defineMutation(builder, {
    name: 'cancelSubscription',
    description:
      'Ends a subscription at once, or when its paid period ends; until then it can be taken back. Twice is harmless.',
    scope,
    input: (t) => ({
      id: idField(t),
      atPeriodEnd: t.boolean({ required: true, description: 'Whether it lasts until the paid period ends.' }),
    }),
    run: async (tx, input) => ({ id: (await subscriptions.cancel(tx, input)).id }),
    payload,
  });

  defineMutation(builder, {
    name: 'uncancelSubscription',
    description: 'Takes a cancellation back whose end has not come.',
    scope,
    input: (t) => ({ id: idField(t) }),
    run: async (tx, input) => ({ id: (await subscriptions.uncancel(tx, input)).id }),
    payload,
  });

  defineMutation(builder, {
    name: 'revokeSubscription',
    description: 'Ends a subscription now and for good. Twice is harmless.',
    scope,
    input: (t) => ({ id: idField(t) }),
    run: async (tx, input) => ({ id: (await subscriptions.revoke(tx, input)).id }),
    payload,
  });

  defineMutation(builder, {
    name: 'changeSubscriptionProduct',
    description:
      'Moves a subscription to another product: what that lacks is withdrawn, what both carry stays as it is, what is new is granted.',
    scope,
    input: (t) => ({ id: idField(t), productId: t.id({ required: true, description: 'The new product.' }) }),
    run: async (tx, input) => ({ id: (await subscriptions.changeProduct(tx, input)).id }),
    payload,
  });

  defineMutation(builder, {
    name: 'updateSubscriptionStatus',
    description:
      'Takes a report of a billing system. Reports may come late, twice and out of order: one that is older than the last is ignored.',
    scope,
    input: (t) => ({
      id: idField(t),
      status: t.field({ type: 'ReportedSubscriptionStatus', required: true, description: 'What the status is.' }),
      pastDueAt: t.field({
        type: 'DateTime',
        description: 'Since when a payment is late, for PAST_DUE. Default occurredAt.',
      }),
      occurredAt: t.field({ type: 'DateTime', description: 'When the billing system saw it. Default now.' }),
    }),
    run: async (tx, input) => ({ id: (await subscriptions.report(tx, input)).id }),
    payload,
  });

  defineMutation(builder, {
    name: 'renewSubscription',
    description: 'Begins the next paid period. The same period twice renews once.',
    scope,
    input: (t) => ({
      id: idField(t),
      periodStart: t.field({ type: 'DateTime', required: true, description: 'When the period begins.' }),
      periodEnd: t.field({ type: 'DateTime', required: true, description: 'When it ends.' }),
    }),
    run: async (tx, input) => ({ id: (await subscriptions.renew(tx, input)).id }),
    payload,
  });
}

const idField = (t: InputBuilder) => t.id({ required: true, description: 'The subscription.' });

const payload = (t: PayloadBuilder<{ id: string }>) => ({
  subscription: t.field({
    type: 'CustomerSubscription',
    description: 'As it is now.',
    resolve: ({ id }, _args, { loaders }) => loaders.existing('Subscription', id),
  }),
});
