import * as customers from '../../domain/customers.ts';
import { adoptAtOnce } from '../../domain/usage/adoption.ts';
import type { Builder } from '../builder.ts';
import type { PayloadBuilder } from '../declaration.ts';
import { defineMutation } from '../mutation.ts';

export function defineCustomerMutations(builder: Builder): void {
  defineMutation(builder, {
    name: 'createCustomer',
    description: 'Makes a customer known.',
    scope: 'customers:write',
    creates: true,
    input: (t) => ({
      email: t.string({ required: true, description: 'Their e-mail address; unique within the organization.' }),
      externalId: t.string({ description: 'Their id in the merchant’s own system; unique, at most 200 characters.' }),
      name: t.string({ description: 'What they are called; at most 200 characters.' }),
      metadata: t.field({ type: 'Metadata', description: 'Whatever the merchant wants to note.' }),
    }),
    run: async (tx, input) => adoptAtOnce(tx, await customers.create(tx, input)),
    payload: (t) => ({ customer: customerField(t) }),
  });

  defineMutation(builder, {
    name: 'updateCustomer',
    description: 'Changes what is known about a customer. Absent keeps, null clears.',
    scope: 'customers:write',
    keeps: ['email'],
    input: (t) => ({
      id: t.id({ required: true, description: 'The customer.' }),
      email: t.string({ description: 'Their e-mail address; unique within the organization.' }),
      externalId: t.string({ description: 'Their id in the merchant’s own system; unique, at most 200 characters.' }),
      name: t.string({ description: 'What they are called; at most 200 characters.' }),
      metadata: t.field({ type: 'Metadata', description: 'Replaces all that was noted.' }),
    }),
    run: async (tx, input) => adoptAtOnce(tx, await customers.update(tx, input)),
    payload: (t) => ({ customer: customerField(t) }),
  });
}

const customerField = <Answer extends { id: string }>(t: PayloadBuilder<Answer>) =>
  t.field({
    type: 'Customer',
    description: 'As they are now.',
    resolve: ({ id }, _args, { loaders }) => loaders.existing('Customer', id),
  });
