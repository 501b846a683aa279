import type { Provider } from '../../../prisma/generated/client/client.ts';
import type { Kind } from '../../benefits/kind.ts';
import * as accounts from '../../domain/accounts/accounts.ts';
import * as links from '../../domain/accounts/links.ts';
import * as customers from '../../domain/customers.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../../lib/errors.ts';
import { after } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Builder } from '../builder.ts';
import type { Context } from '../context.ts';
import type { InputBuilder, PayloadBuilder } from '../declaration.ts';
import { defineMutation } from '../mutation.ts';

/** What customers do about their accounts, and merchants for them. */
export function defineAccountMutations(builder: Builder, kinds: readonly Kind[]): void {
  const typesOf = (provider: Provider) => kinds.filter(({ account }) => account === provider).map(({ type }) => type);

  defineMutation(builder, {
    name: 'startAccountLink',
    description:
      'Begins to link an account of a customer: send their browser to the URL within ten minutes. An account that is linked is used for every benefit without asking again.',
    scope: 'customers:write',
    alsoCustomers: true,
    input: (t) => ({
      provider: t.field({ type: 'AccountProvider', required: true, description: 'Where the account is.' }),
      customer: t.field({ type: 'CustomerBy', description: 'Whose it is; a customer’s session need not say.' }),
      returnUrl: t.string({
        description:
          'Where to lead them afterwards: of the same origin as the organization’s portalUrl or the session’s returnUrl. `provider` and `link` (linked, denied, failed) are added.',
      }),
    }),
    run: async (tx, { provider, returnUrl, ...input }, context) => {
      if (!context.means[provider === 'GITHUB' ? 'github' : 'discord'])
        throw new ConflictError(`${provider} is not configured here.`, ['provider']);
      const customerId = await customerOf(tx, context, input);
      const { viewer } = context;
      const ticket = await links.open(tx, {
        organizationId: input.organizationId,
        provider,
        customerId,
        ...(viewer.is === 'customer' && { sessionId: viewer.sessionId }),
        returnUrl: returnUrl ?? null,
      });
      return {
        url: `${context.url}/oauth/${provider.toLowerCase()}?ticket=${ticket}`,
        expiresAt: after(tx.now, links.LINK_MS).toISOString(),
      };
    },
    payload: (t) => ({
      url: t.exposeString('url', { description: 'Where to send the browser; for that browser only.' }),
      expiresAt: t.field({
        type: 'DateTime',
        description: 'Until when they may take.',
        resolve: ({ expiresAt }) => new Date(expiresAt),
      }),
    }),
  });

  const change = (
    name: string,
    description: string,
    verb: (tx: Tx, owner: Parameters<typeof accounts.use>[1], id: string) => Promise<accounts.Account>,
  ) =>
    defineMutation(builder, {
      name,
      description,
      scope: 'customers:write',
      alsoCustomers: true,
      input: (t: InputBuilder) => ({ id: t.id({ required: true, description: 'The linked account.' }) }),
      run: async (tx, { organizationId, id }, { viewer }) => {
        const account = await accounts.find(tx, { organizationId, id });
        const { customerId, provider } = account;
        if (viewer.is === 'customer' && viewer.customerId !== customerId)
          throw new NotFoundError('linked account', ['id']);
        await verb(tx, { organizationId, customerId, types: typesOf(provider) }, id);
        return { customerId };
      },
      payload: (t: PayloadBuilder<{ customerId: string }>) => ({
        customer: t.field({
          type: 'Customer',
          description: 'As they are now.',
          resolve: ({ customerId }, _args, { loaders }) => loaders.existing('Customer', customerId),
        }),
      }),
    });
  change(
    'unlinkAccount',
    'Forgets a linked account. What was given to it is taken away, and waits for another account.',
    accounts.unlink,
  );
  change(
    'useAccount',
    'Gives to this one of several linked accounts from now on, and takes from the other what it was given.',
    accounts.use,
  );
}

/** A customer means themselves; a merchant says whom. */
async function customerOf(
  tx: Tx,
  { viewer }: Context,
  { organizationId, customer }: { organizationId: string; customer?: customers.CustomerBy | null },
): Promise<string> {
  if (viewer.is !== 'customer' && !customer) throw new InvalidInputError('Name the customer.', ['customer']);
  if (viewer.is === 'customer' && !customer) return viewer.customerId;
  const id = await customers.identify(tx, { organizationId, by: customer ?? {}, path: ['customer'] });
  if (viewer.is === 'customer' && viewer.customerId !== id) throw new NotFoundError('customer', ['customer']);
  return id;
}
