import type { Builder } from '../builder.ts';

export function defineAccount(builder: Builder): void {
  builder.enumType('AccountProvider', {
    description: 'Where customers link accounts, and merchants have places to give access to.',
    values: {
      GITHUB: { description: 'GitHub, or a GitHub Enterprise Server.' },
      DISCORD: { description: 'Discord.' },
    },
  });
  builder.objectType('LinkedAccount', {
    description: 'An account of a customer at a third party.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id here.' }),
      provider: t.field({ type: 'AccountProvider', description: 'Where it is.', resolve: ({ provider }) => provider }),
      accountId: t.exposeString('accountId', {
        description: 'The provider’s own number of it, which no renaming changes.',
      }),
      username: t.exposeString('username', { description: 'What it was called when it was linked.' }),
      inUse: t.exposeBoolean('inUse', { description: 'Whether access is given to this one.' }),
      isRefused: t.exposeBoolean('isRefused', {
        description: 'Whether the provider no longer takes the link: the customer must link it anew.',
      }),
      linkedAt: t.expose('linkedAt', { type: 'DateTime', description: 'When it was linked last.' }),
    }),
  });
}
