import * as products from '../../domain/products.ts';
import type { Builder } from '../builder.ts';
import type { PayloadBuilder } from '../declaration.ts';
import { defineMutation } from '../mutation.ts';

export function defineProductMutations(builder: Builder): void {
  defineMutation(builder, {
    name: 'createProduct',
    description: 'Makes a product without benefits.',
    scope: 'products:write',
    creates: true,
    input: (t) => ({
      name: t.string({ required: true, description: 'What it is called; at most 200 characters.' }),
      description: t.string({ description: 'What it is; at most 5,000 characters.' }),
      metadata: t.field({ type: 'Metadata', description: 'Whatever the merchant wants to note.' }),
      keepForBuyers: t.boolean({
        description: 'Whether one-time buyers keep benefits that are taken off the list. Default false.',
      }),
    }),
    run: async (tx, input) => ({ id: (await products.create(tx, input)).id }),
    payload: (t) => ({ product: productField(t) }),
  });

  defineMutation(builder, {
    name: 'updateProduct',
    description: 'Changes a product. Absent keeps, null clears. Its benefits are changed by updateProductBenefits.',
    scope: 'products:write',
    keeps: ['name', 'keepForBuyers'],
    input: (t) => ({
      id: t.id({ required: true, description: 'The product.' }),
      name: t.string({ description: 'What it is called; at most 200 characters.' }),
      description: t.string({ description: 'What it is; at most 5,000 characters.' }),
      metadata: t.field({ type: 'Metadata', description: 'Replaces all that was noted.' }),
      keepForBuyers: t.boolean({ description: 'Whether one-time buyers keep benefits that are taken off the list.' }),
    }),
    run: async (tx, input) => ({ id: (await products.update(tx, input)).id }),
    payload: (t) => ({ product: productField(t) }),
  });

  defineMutation(builder, {
    name: 'updateProductBenefits',
    description:
      'Replaces the ordered list of benefits. Whoever subscribed to or bought the product follows in the background.',
    scope: 'products:write',
    input: (t) => ({
      id: t.id({ required: true, description: 'The product.' }),
      benefitIds: t.idList({ required: true, description: 'The whole list, in order; at most 100.' }),
    }),
    run: async (tx, input) => ({ id: (await products.setBenefits(tx, input)).id }),
    payload: (t) => ({ product: productField(t) }),
  });
}

const productField = <Answer extends { id: string }>(t: PayloadBuilder<Answer>) =>
  t.field({
    type: 'Product',
    description: 'As it is now.',
    resolve: ({ id }, _args, { loaders }) => loaders.existing('Product', id),
  });
