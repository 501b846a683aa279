import * as customerSessions from '../../domain/customer-sessions.ts';
import * as customers from '../../domain/customers.ts';
import type { Builder } from '../builder.ts';
import { defineMutation } from '../mutation.ts';
import { findCustomer } from './queries.ts';

/** What a customer reaches with a session of their own, and how a merchant opens and ends one. */
export function definePortal(builder: Builder): void {
  builder.queryField('currentCustomer', (t) =>
    t.field({
      type: 'Customer',
      nullable: true,
      description: 'The customer whose session this is.',
      authScopes: { customer: true },
      resolve: (_root, _args, context) =>
        context.viewer.is === 'customer' ? findCustomer(context, { id: context.viewer.customerId }) : null,
    }),
  );

  defineMutation(builder, {
    name: 'createCustomerSession',
    description: 'Opens a session for a customer: good for an hour after its last use, for a day at most.',
    scope: 'customers:write',
    creates: true,
    input: (t) => ({
      customer: t.field({ type: 'CustomerBy', required: true, description: 'Whose session it is.' }),
      returnUrl: t.string({ description: 'Where the portal leads back to; http or https.' }),
    }),
    run: async (tx, { customer, ...input }) => {
      const customerId = await customers.identify(tx, {
        organizationId: input.organizationId,
        by: customer,
        path: ['customer'],
      });
      const { session, token } = await customerSessions.create(tx, { ...input, customerId });
      return { id: session.id, token, expiresAt: session.expiresAt.toISOString() };
    },
    payload: (t) => ({
      id: t.exposeID('id', { description: 'The id of the session, to revoke it by.' }),
      token: t.exposeString('token', {
        description: 'What the customer signs in with. It is shown here and never again.',
      }),
      portalUrl: t.string({
        description:
          'Where the portal of this installation is, the token behind its `#`. Boon serves no page there yet: put one there, or hand the token to a page of yours.',
        resolve: ({ token }, _args, { url }) => `${url}/portal#${token}`,
      }),
      expiresAt: t.field({
        type: 'DateTime',
        description: 'When it ends unless it is used before.',
        resolve: ({ expiresAt }) => new Date(expiresAt),
      }),
    }),
  });

  defineMutation(builder, {
    name: 'revokeCustomerSession',
    description: 'Ends a session at once. Twice is harmless.',
    scope: 'customers:write',
    input: (t) => ({ id: t.id({ required: true, description: 'The session.' }) }),
    run: async (tx, input) => {
      const { id, revokedAt } = await customerSessions.revoke(tx, input);
      return { id, revokedAt: (revokedAt ?? tx.now).toISOString() };
    },
    payload: (t) => ({
      id: t.exposeID('id', { description: 'The session.' }),
      revokedAt: t.field({
        type: 'DateTime',
        description: 'When it was ended.',
        resolve: ({ revokedAt }) => new Date(revokedAt),
      }),
    }),
  });
}
