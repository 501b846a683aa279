import * as customers from '../../domain/customers.ts';
import * as orders from '../../domain/orders.ts';
import type { Builder } from '../builder.ts';
import { defineMutation } from '../mutation.ts';

export function defineOrderMutations(builder: Builder): void {
  defineMutation(builder, {
    name: 'createOrder',
    description:
      'Makes a paid, one-time purchase known. What its product promises is granted in the same transaction and delivered at once.',
    scope: 'orders:write',
    creates: true,
    input: (t) => ({
      customer: t.field({ type: 'CustomerBy', required: true, description: 'Who paid.' }),
      productId: t.id({ required: true, description: 'For what.' }),
      amount: t.field({
        type: 'Decimal',
        description: 'How much, in units of the currency, such as `19.90`; with at most 6 decimals.',
      }),
      currency: t.string({ description: 'In which currency: its three letters by ISO 4217, such as `USD`.' }),
      externalId: t.string({ description: 'Its id in the billing system; unique.' }),
    }),
    run: async (tx, { customer, ...input }) => {
      const customerId = await customers.identify(tx, {
        organizationId: input.organizationId,
        by: customer,
        path: ['customer'],
      });
      return { id: (await orders.create(tx, { ...input, customerId })).id };
    },
    payload: (t) => ({
      order: t.prismaField({
        type: 'Order',
        description: 'As it is now.',
        resolve: (query, { id }, _args, { database }) =>
          database.prisma.order.findUniqueOrThrow({ ...query, where: { id } }),
      }),
    }),
  });
}
