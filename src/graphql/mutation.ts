import type { InputFieldMap } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Builder } from './builder.ts';
import { type Context, refresh } from './context.ts';
import { readCursorFirst } from './cursor-first.ts';
import type { Declaration } from './declaration.ts';
import { perform } from './perform.ts';

/** Makes the input, payload and result types of a mutation, and the field itself, from what it declares. */
export function defineMutation<
  Fields extends InputFieldMap,
  Answer extends object,
  Kept extends keyof Fields = never,
  Creates extends boolean = false,
>(builder: Builder, mutation: Declaration<Fields, Answer, Kept, Creates>): void {
  defineMutationBy(builder, mutation, (input, context) => perform(mutation, input, context));
}

/** The same for one that is not done in a transaction of its own. */
export function defineMutationBy<
  Fields extends InputFieldMap,
  Answer extends object,
  Kept extends keyof Fields = never,
  Creates extends boolean = false,
>(
  builder: Builder,
  mutation: Omit<Declaration<Fields, Answer, Kept, Creates>, 'run'>,
  resolve: (input: Record<string, unknown>, context: Context) => Promise<Answer>,
): void {
  const { name, description, scope, creates } = mutation;
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  const input = builder.inputType(`${title}Input`, {
    description: `What ${name} takes.`,
    fields: (t): InputFieldMap => ({
      ...mutation.input(t),
      ...(creates && { idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }) }),
    }),
  });
  const payload = builder.objectRef<Answer>(`${title}Payload`).implement({
    description: `What ${name} answers when it succeeds.`,
    fields: (t) => mutation.payload(t as never),
  });
  builder.mutationField(name, (t) =>
    t.field({
      type: payload,
      // One that fails must not take the answers of others in the same request with it.
      nullable: true,
      description,
      args: { input: t.arg({ type: input, required: true, description: 'What to do.' }) },
      ...(scope !== 'anyone' && { authScopes: mutation.alsoCustomers ? { scope, customer: true } : { scope } }),
      errors: {
        types: mutation.errors ?? [],
        union: {
          name: `${title}Result`,
          description: `What ${name} answers, or the mistake that kept it from doing anything.`,
        },
      },
      resolve: (async (
        _root: unknown,
        args: { input: Record<string, unknown> },
        context: Context,
        info: GraphQLResolveInfo,
      ) => {
        const answer = await resolve(args.input, context);
        refresh(context);
        await readCursorFirst(context, info);
        return answer;
      }) as never,
    }),
  );
}

const IDEMPOTENCY_KEY =
  'At most 200 characters. Makes repeating this call safe for 24 hours: the same key with the same input answers the same and does it once. With another input it is a ConflictError.';
