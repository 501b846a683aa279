import type { FieldMap, InputFieldMap, InputShapeFromFields } from '@pothos/core';
import type { Scope } from '../domain/access-tokens.ts';
import type { Part } from '../lib/storage.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import type { Builder } from './builder.ts';
import type { Context } from './context.ts';

type Types = Builder['$inferSchemaTypes'];
export type InputBuilder = PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>;
export type PayloadBuilder<Answer> = PothosSchemaTypes.ObjectFieldBuilder<Types, Answer>;

/** What a mutation is; its input, payload and result types are made from it. */
export interface Declaration<
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
  /** A list that is answered row by row: text that cannot be kept is looked for by who takes the rows, in each of them. */
  rows?: keyof Fields;
  payload: (t: PayloadBuilder<Answer>) => FieldMap;
  /** Beside those every mutation knows. */
  errors?: (new (
    ...args: never[]
  ) => Error)[];
  /** What goes around the transaction, such as limits of those who ask without a token, or what others must be asked first. */
  around?<Result>(
    context: Context,
    input: { organizationId?: string; id?: string; key?: string | null; url?: string | null; parts?: readonly Part[] },
    work: () => Promise<Result>,
  ): Promise<Result>;
  /** What must be asked of third parties before the transaction begins; answers the input to go on with. */
  prepare?(
    input: Given<Fields, Creates extends true ? keyof Fields : Kept>,
    context: Context,
  ): Promise<Given<Fields, Creates extends true ? keyof Fields : Kept>>;
  /** Customers may do it too, for themselves. */
  alsoCustomers?: boolean;
  /** Does it, in a transaction. Answers plain JSON: ids the payload loads from, once all is committed. */
  run(tx: Tx, input: Given<Fields, Creates extends true ? keyof Fields : Kept>, context: Context): Promise<Answer>;
}

/** The input as verbs take it: with the organization, and without null where that means nothing. */
type Given<Fields extends InputFieldMap, Kept extends keyof Fields> = WithoutNull<
  InputShapeFromFields<Fields>,
  Kept
> & { organizationId: string };

type WithoutNull<Shape, Kept> = { [Key in keyof Shape]: Key extends Kept ? Exclude<Shape[Key], null> : Shape[Key] };
