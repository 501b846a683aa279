import type { GraphQLError } from 'graphql';
import { MISS_TOKENS, oneOf } from '../../domain/licenses/limits.ts';
import { normalizeLicenseKey } from '../../lib/license-key.ts';
import { goOn, type Soon } from '../../lib/soon.ts';
import type { Context } from '../context.ts';
import { requestError } from '../errors.ts';

/** Lets an anonymous caller ask about a key, or about none in particular; throws when it is too much. Counts each field. */
export function admit({ viewer, limits, address, keyring }: Context, key?: string | null): Soon<void> {
  if (viewer.is !== 'anonymous' || !limits) return;
  return goOn(limits.perAddress.take(oneOf(address)), (byAddress) => {
    if (byAddress) throw tooMany('There are too many calls from this address.', byAddress);
    if (!key) return;
    const name = Buffer.from(keyring.digest(normalizeLicenseKey(key))).toString('base64url');
    return goOn(limits.perKey.take(name), (byKey) => {
      if (byKey) throw tooMany('There are too many calls for this license key.', byKey);
    });
  });
}

/** Makes guessing expensive: notes that what was asked for does not exist. */
export function noteMiss({ viewer, limits, address, log }: Context): void {
  if (viewer.is !== 'anonymous' || !limits) return;
  limits.perAddress
    .charge(oneOf(address), MISS_TOKENS - 1)
    .catch((error: unknown) => log.warn('A miss could not be counted.', { error }));
}

/** The same around a mutation: what is not found is a miss. */
export async function admitted<Answer>(
  context: Context,
  { key }: { key?: string | null },
  work: () => Promise<Answer>,
): Promise<Answer> {
  await admit(context, key);
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: unknown }).code === 'NOT_FOUND') noteMiss(context);
    throw error;
  }
}

const tooMany = (message: string, seconds: number): GraphQLError =>
  requestError('RATE_LIMITED', `${message} Try again in ${seconds} s.`, {
    retryAfter: seconds,
    http: { status: 429, headers: { 'Retry-After': String(seconds) } },
  });
