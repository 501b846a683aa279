import * as idempotency from '../domain/idempotency.ts';
import { InvalidInputError } from '../lib/errors.ts';
import { checkWellFormed } from '../lib/well-formed.ts';
import type { Tx } from '../platform/unit-of-work.ts';
import { type Context, organizationOf } from './context.ts';

/** As much of a mutation as it takes to do it. */
interface Performed<Answer> {
  name: string;
  scope: string;
  creates?: boolean;
  keeps?: readonly PropertyKey[];
  rows?: PropertyKey;
  around?<Result>(context: Context, input: object, work: () => Promise<Result>): Promise<Result>;
  prepare?(input: never, context: Context): Promise<object>;
  run(tx: Tx, input: never, context: Context): Promise<Answer>;
}

/** Does what a mutation declares: in one transaction, and once per idempotency key. */
export async function perform<Answer extends object>(
  mutation: Performed<Answer>,
  asked: Record<string, unknown>,
  context: Context,
): Promise<Answer> {
  checkWellFormed(mutation.rows ? { ...asked, [mutation.rows]: null } : asked);
  const { idempotencyKey: key, ...input } = asked;
  const { viewer } = context;
  const given = {
    ...(mutation.creates ? withoutNulls(input) : keeping(input, mutation.keeps ?? [])),
    ...(mutation.scope !== 'anyone' && { organizationId: organizationOf(context) }),
  };
  const inTransaction = async () => {
    const ready = mutation.prepare ? await mutation.prepare(given as never, context) : given;
    return context.transaction((tx) => {
      const work = () => mutation.run(tx, ready as never, context);
      if (typeof key !== 'string') return work();
      const call = { operation: mutation.name, request: input };
      return viewer.is === 'merchant'
        ? idempotency.once(tx, { ...call, organizationId: viewer.organizationId, key }, work)
        : idempotency.once(tx, { ...call, organizationId: '', key: keyOfStranger(context, key, input) }, work);
    });
  };
  return mutation.around ? mutation.around(context, given, inTransaction) : inTransaction();
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
