import { expectTypeOf, test } from 'vitest';
import { openBuilder } from '../../src/graphql/builder.ts';
import { defineMutation } from '../../src/graphql/mutation.ts';

const FIELDS = { description: 'For the compiler.' };

test('what a verb is given follows from what its mutation declares', () => {
  const builder = openBuilder();
  defineMutation(builder, {
    name: 'change',
    description: 'Absent keeps, null clears, but for what cannot be cleared.',
    scope: 'customers:write',
    keeps: ['name'],
    input: (t) => ({ id: t.id({ required: true, ...FIELDS }), name: t.string(FIELDS), nickname: t.string(FIELDS) }),
    run: async (_tx, input) => {
      expectTypeOf(input.organizationId).toEqualTypeOf<string>();
      expectTypeOf(input.id).toEqualTypeOf<string>();
      expectTypeOf(input.name).toEqualTypeOf<string | undefined>();
      expectTypeOf(input.nickname).toEqualTypeOf<string | null | undefined>();
      return { id: input.id };
    },
    payload: (t) => ({ id: t.exposeID('id', FIELDS) }),
  });
  defineMutation(builder, {
    name: 'make',
    description: 'Where something is made, null is as good as absent.',
    scope: 'customers:write',
    creates: true,
    input: (t) => ({ name: t.string(FIELDS), by: t.field({ type: 'CustomerBy', required: true, ...FIELDS }) }),
    run: async (_tx, input) => {
      expectTypeOf(input.name).toEqualTypeOf<string | undefined>();
      expectTypeOf(input.by.email).toEqualTypeOf<string | null | undefined>();
      return { token: 'x' };
    },
    payload: (t) => {
      expectTypeOf(t.exposeString).parameter(0).toEqualTypeOf<'token'>();
      return { token: t.exposeString('token', FIELDS) };
    },
  });
});

test('fields are resolved with the rows their names stand for', () => {
  const builder = openBuilder();
  builder.objectType('BenefitGrant', {
    description: 'For the compiler.',
    fields: (t) => ({
      position: t.int({
        ...FIELDS,
        resolve: (grant, _args, { loaders }) => {
          expectTypeOf(grant.entitledUntil).toEqualTypeOf<Date | null>();
          expectTypeOf(loaders.existing<'Customer'>).returns.resolves.toHaveProperty('email');
          return grant.position;
        },
      }),
    }),
  });
});
