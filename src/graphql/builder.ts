import SchemaBuilder from '@pothos/core';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin, { type AuthFailure } from '@pothos/plugin-scope-auth';
import type { Prisma } from '../../prisma/generated/client/client.ts';
import type PrismaTypes from '../../prisma/generated/pothos.ts';
import { getDatamodel } from '../../prisma/generated/pothos.ts';
import type { Scope } from '../domain/access-tokens.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../lib/errors.ts';
import type { Context } from './context.ts';
import { forbidden, unauthenticated } from './errors.ts';
import type { Enums, Inputs, Interfaces, Objects } from './names.ts';
import { allows } from './viewer.ts';

/**
 * Types are named by text throughout (`type: 'Customer'`), so that nothing lives in a module and a schema can be
 * built twice, over other kinds. What each name stands for is in names.ts.
 */
interface Types {
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Objects: Objects;
  Interfaces: Interfaces;
  Inputs: Inputs;
  /** Enums too: to Pothos a name that is input and output alike is a scalar. */
  Scalars: Enums & {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    Decimal: { Input: string; Output: string | Prisma.Decimal };
    BigInt: { Input: bigint; Output: bigint | string };
    JSON: { Input: unknown; Output: unknown };
    Metadata: { Input: Record<string, unknown>; Output: unknown };
  };
  AuthScopes: { scope: Scope; customer: boolean };
}

export type Builder = ReturnType<typeof openBuilder>;

/** Who is refused learns which it was: nobody known, or somebody who may not. */
export const openBuilder = () =>
  new SchemaBuilder<Types>({
    plugins: [ScopeAuthPlugin, ErrorsPlugin, PrismaPlugin, RelayPlugin],
    defaultFieldNullability: false,
    scopeAuth: {
      authScopes: ({ viewer }) => ({
        scope: (scope) => allows(viewer, scope),
        customer: viewer.is === 'customer',
      }),
      unauthorizedError: (_parent, { viewer }, _info, { failure }) => {
        if (viewer.is === 'anonymous') return unauthenticated();
        const scope = viewer.is === 'merchant' ? lackingScope(failure) : null;
        return forbidden(scope ? `The token lacks the scope ${scope}.` : undefined);
      },
    },
    errors: { directResult: true, defaultTypes: [InvalidInputError, NotFoundError, ConflictError] },
    prisma: {
      client: ({ database }) => database.prisma,
      dmmf: getDatamodel(),
      exposeDescriptions: false,
      onUnusedQuery: 'error',
    },
    relay: {
      nodeQueryOptions: false,
      nodesQueryOptions: false,
      pageInfoTypeOptions: { description: 'Where a page ends and whether there is more.' },
      hasNextPageFieldOptions: { description: 'Whether more follows this page.' },
      hasPreviousPageFieldOptions: { description: 'Whether something lies before this page.' },
      startCursorFieldOptions: { description: 'The cursor of the first edge.' },
      endCursorFieldOptions: { description: 'The cursor of the last edge: the `after` of the next page.' },
      pageInfoFieldOptions: { description: 'Where the page ends and whether there is more.' },
      edgesFieldOptions: { description: 'The page, in order.', nullable: false },
      nodeFieldOptions: { description: 'What is listed.', nullable: false },
      cursorFieldOptions: { description: 'Names this place in the list; opaque.' },
    },
  });

function lackingScope(failure: AuthFailure): unknown {
  if ('failures' in failure) return failure.failures.map(lackingScope).find((scope) => scope !== null) ?? null;
  return 'parameter' in failure && failure.scope === 'scope' ? failure.parameter : null;
}
