import type { FieldMap, InputFieldMap, InputShapeFromFields } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Scope } from '../domain/access-tokens.ts';
import * as idempotency from '../domain/idempotency.ts';
import { InvalidInputError } from '../lib/errors.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import type { Builder } from './builder.ts';
import { type Context, organizationOf, refresh } from './context.ts';
import { readCursorFirst } from './cursor-first.ts';
import { checkWellFormed } from './well-formed.ts';

type Types = Builder['$inferSchemaTypes'];
export type InputBuilder = PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>;
export type PayloadBuilder<Answer> = PothosSchemaTypes.ObjectFieldBuilder<Types, Answer>;

/** What a mutation is; its input, payload and result types are made from it. */
interface Declaration<
  Fields extends InputFieldMap,
  Answer extends object,
  Kept extends keyof Fields,
  Creates extends boolean,
> {
  name: string;
  description: string;
  /** What a token needs; `anyone` needs none. */
  scope: Scope | 'anyone';
  input: (t: InputBuilder) => Fields;
  /** Fields that can be left out but not cleared. */
  keeps?: readonly Kept[];
  /** Makes something new: takes an idempotency key, and null is as good as absent. */
  creates?: Creates;
  payload: (t: PayloadBuilder<Answer>) => FieldMap;
  /** Beside those every mutation knows. */
  errors?: (new (
    ...args: never[]
  ) => Error)[];
  /** Does it, in a transaction. Answers plain JSON: ids the payload loads from, once all is committed. */
  run(tx: Tx, input: Given<Fields, Creates extends true ? keyof Fields : Kept>, context: Context): Promise<Answer>;
}

/** The input as verbs take it: with the organization, and without null where that means nothing. */
type Given<Fields extends InputFieldMap, Kept extends keyof Fields> = WithoutNull<
  InputShapeFromFields<Fields>,
  Kept
> & { organizationId: string };

type WithoutNull<Shape, Kept> = { [Key in keyof Shape]: Key extends Kept ? Exclude<Shape[Key], null> : Shape[Key] };

export function defineMutation<
  Fields extends InputFieldMap,
  Answer extends object,
  Kept extends keyof Fields = never,
  Creates extends boolean = false,
>(builder: Builder, mutation: Declaration<Fields, Answer, Kept, Creates>): void {
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
      ...(scope !== 'anyone' && { authScopes: { scope } }),
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
        const answer = await perform(mutation, args.input, context);
        refresh(context);
        await readCursorFirst(context, info);
        return answer;
      }) as never,
    }),
  );
}

const IDEMPOTENCY_KEY =
  'Makes repeating this call safe for 24 hours: the same key with the same input answers the same and does it once. With another input it is a ConflictError.';

async function perform<
  Fields extends InputFieldMap,
  Answer extends object,
  Kept extends keyof Fields,
  Creates extends boolean,
>(
  mutation: Declaration<Fields, Answer, Kept, Creates>,
  { idempotencyKey: key, ...input }: Record<string, unknown>,
  context: Context,
): Promise<Answer> {
  checkWellFormed(input);
  const { viewer } = context;
  const given = {
    ...(mutation.creates ? withoutNulls(input) : keeping(input, mutation.keeps ?? [])),
    ...(mutation.scope !== 'anyone' && { organizationId: organizationOf(context) }),
  };
  return context.transaction((tx) => {
    const work = () => mutation.run(tx, given as never, context);
    if (typeof key !== 'string') return work();
    const call = { operation: mutation.name, request: input };
    return viewer.is === 'merchant'
      ? idempotency.once(tx, { ...call, organizationId: viewer.organizationId, key }, work)
      : idempotency.once(tx, { ...call, organizationId: '', key: keyOfStranger(context, key, input) }, work);
  });
}

/** Strangers share no organization: what one asks under a key is no matter of another who uses the same key. */
const keyOfStranger = ({ keyring }: Context, key: string, input: object): string =>
  Buffer.from(keyring.digest(JSON.stringify([key, input]))).toString('hex');

const withoutNulls = (input: object): object =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));

function keeping(input: Record<string, unknown>, keeps: readonly PropertyKey[]): object {
  for (const field of keeps) {
    if (input[field as string] === null)
      throw new InvalidInputError('It cannot be cleared; leave it out to keep it.', [String(field)]);
  }
  return input;
}
