import * as previews from '../domain/previews.ts';
import { NotFoundError } from '../lib/errors.ts';
import type { Builder } from './builder.ts';
import { organizationOf } from './context.ts';

interface Count {
  benefitId: string;
  count: number;
}

export function definePreview(builder: Builder): void {
  const named = (name: string, description: string, noun: string) =>
    builder.inputType(name, {
      description,
      fields: (t) => ({ id: t.id({ required: true, description: `The ${noun}.` }) }),
    });
  const cancel = named('CancelSubscriptionChange', 'A cancellation at once.', 'subscription');
  const refund = named('RefundOrderChange', 'A refund of all of an order.', 'order');
  const remove = named('DeleteBenefitChange', 'A benefit that goes for good.', 'benefit');
  const changeProduct = builder.inputType('ChangeSubscriptionProductChange', {
    description: 'A move to another product.',
    fields: (t) => ({
      id: t.id({ required: true, description: 'The subscription.' }),
      productId: t.id({ required: true, description: 'The new product.' }),
    }),
  });
  const updateBenefits = builder.inputType('UpdateProductBenefitsChange', {
    description: 'Another list of benefits.',
    fields: (t) => ({
      id: t.id({ required: true, description: 'The product.' }),
      benefitIds: t.idList({ required: true, description: 'The whole list, in order.' }),
    }),
  });
  const change = builder.inputType('EntitlementChange', {
    description: 'A change that is only imagined.',
    isOneOf: true,
    fields: (t) => ({
      cancelSubscription: t.field({ type: cancel, description: 'Cancel a subscription at once.' }),
      changeSubscriptionProduct: t.field({
        type: changeProduct,
        description: 'Move a subscription to another product.',
      }),
      refundOrder: t.field({ type: refund, description: 'Pay all of an order back.' }),
      updateProductBenefits: t.field({ type: updateBenefits, description: 'Replace the list of a product.' }),
      deleteBenefit: t.field({ type: remove, description: 'Delete a benefit.' }),
    }),
  });

  const count = builder.objectRef<Count>('BenefitCount').implement({
    description: 'How many customers gain or lose a benefit.',
    fields: (t) => ({
      benefit: t.field({
        type: 'Benefit',
        description: 'The benefit.',
        resolve: ({ benefitId }, _args, { loaders }) => loaders.existing('Benefit', benefitId),
      }),
      count: t.exposeInt('count', { description: 'How many grants of it.' }),
    }),
  });
  const preview = builder.objectRef<previews.Preview>('EntitlementPreview').implement({
    description: 'What a change would give and take.',
    fields: (t) => ({
      customers: t.exposeInt('customers', { description: 'How many customers would gain or lose something.' }),
      granted: t.field({
        type: [count],
        description: 'What would be granted, oldest benefit first.',
        resolve: ({ granted }) => granted,
      }),
      withdrawn: t.field({
        type: [count],
        description: 'What would be withdrawn, oldest benefit first.',
        resolve: ({ withdrawn }) => withdrawn,
      }),
    }),
  });

  builder.queryField('previewEntitlements', (t) =>
    t.field({
      type: preview,
      nullable: true,
      description:
        'What a change would give and take, without doing it; null when it names something that is not there.',
      authScopes: { scope: 'grants:read' },
      args: { change: t.arg({ type: change, required: true, description: 'What is imagined.' }) },
      resolve: (_root, args, context) =>
        context
          .transaction((tx) =>
            previews.preview(tx, {
              organizationId: organizationOf(context),
              change: args.change as previews.ImaginedChange,
            }),
          )
          .catch((error) => {
            if (error instanceof NotFoundError) return null;
            throw error;
          }),
    }),
  );
}
