import * as accessTokens from '../../domain/access-tokens.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import type { Builder } from '../builder.ts';
import type { PayloadBuilder } from '../declaration.ts';
import { defineMutation } from '../mutation.ts';
import type { Viewer } from '../viewer.ts';

export function defineAccessTokenMutations(builder: Builder): void {
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
    // Before a call that is repeated is answered: it may have been made with a token that could do more.
    prepare: async (input, { viewer }) => {
      refuseWidening(viewer, input.scopes ?? []);
      return input;
    },
    run: async (tx, input) => {
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
