import { queryFromInfo } from '@pothos/plugin-prisma';
import * as accessTokens from '../../domain/access-tokens.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import type { Builder } from '../builder.ts';
import { defineConnection, pageArgs } from '../connection.ts';
import { organizationOf } from '../context.ts';
import { defineMutation, type PayloadBuilder } from '../mutation.ts';
import { listPage } from '../page.ts';
import type { Viewer } from '../viewer.ts';

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

  defineMutation(builder, {
    name: 'createAccessToken',
    description: 'Makes an access token.',
    scope: 'tokens:write',
    creates: true,
    input: (t) => ({
      name: t.string({ required: true, description: 'What it is for.' }),
      scopes: t.stringList({
        description: `What it may do; absent or empty: everything. One or more of ${accessTokens.SCOPES.join(', ')}.`,
      }),
      expiresAt: t.field({ type: 'DateTime', description: 'When it ends by itself; absent: never.' }),
    }),
    run: async (tx, input, context) => {
      refuseWidening(context.viewer, input.scopes ?? []);
      const { accessToken, token } = await accessTokens.create(tx, input);
      return { id: accessToken.id, token };
    },
    payload: (t) => ({
      accessToken: accessTokenField(t),
      token: t.exposeString('token', { description: 'The token itself. It is shown here and never again.' }),
    }),
  });

  defineMutation(builder, {
    name: 'revokeAccessToken',
    description: 'Ends an access token at once. Twice is harmless.',
    scope: 'tokens:write',
    input: (t) => ({ id: t.id({ required: true, description: 'The access token.' }) }),
    run: async (tx, input) => ({ id: (await accessTokens.revoke(tx, input)).id }),
    payload: (t) => ({ accessToken: accessTokenField(t) }),
  });
}

const accessTokenField = <Answer extends { id: string }>(t: PayloadBuilder<Answer>) =>
  t.prismaField({
    type: 'AccessToken',
    description: 'As it is now, without the token itself.',
    resolve: (query, { id }, _args, { database }) =>
      database.prisma.accessToken.findUniqueOrThrow({ ...query, where: { id } }) as never,
  });

/** A token that is limited cannot make one that may do more. */
function refuseWidening(viewer: Viewer, scopes: readonly string[]): void {
  if (viewer.is !== 'merchant' || viewer.scopes.length === 0) return;
  const own = viewer.scopes;
  if (scopes.length === 0 || scopes.some((scope) => !own.includes(scope))) {
    throw new InvalidInputError(`A token can pass on only scopes it has: ${own.join(', ')}.`, ['scopes']);
  }
}
