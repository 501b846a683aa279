import { queryFromInfo } from '@pothos/plugin-prisma';
import type { Builder } from '../builder.ts';
import { defineConnection, pageArgs } from '../connection.ts';
import { organizationOf } from '../context.ts';
import { listPage } from '../page.ts';

export function defineAccessToken(builder: Builder): void {
  builder.prismaObject('AccessToken', {
    description: 'Lets a program act for the organization. Its text is shown once, when it is made.',
    select: { id: true },
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id; not the token.' }),
      name: t.exposeString('name', { description: 'What it is for.' }),
      scopes: t.exposeStringList('scopes', { description: 'What it may do; empty: everything.' }),
      lastUsedAt: t.expose('lastUsedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was last used, to the minute.',
      }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'When it ends by itself.' }),
      revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'When it was revoked.' }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    }),
  });
  defineConnection(builder, 'AccessToken', 'access tokens');

  builder.queryField('accessTokens', (t) =>
    t.field({
      type: 'AccessTokenConnection',
      nullable: true,
      description: 'The access tokens of the organization, newest first.',
      authScopes: { scope: 'tokens:write' },
      args: pageArgs(t.arg),
      resolve: (_root, args, context, info) => {
        const { accessToken } = context.database.prisma;
        const where = { organizationId: organizationOf(context) };
        const query = queryFromInfo({
          context,
          info,
          typeName: 'AccessToken',
          path: ['edges', 'node'],
          select: { id: true },
        });
        return listPage<never>(
          args,
          (page) => accessToken.findMany({ ...query, ...page, where, orderBy: { id: 'desc' } }) as Promise<never>,
          () => accessToken.count({ where }),
        );
      },
    }),
  );
}
