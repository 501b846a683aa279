import type { GraphQLError } from 'graphql';
import { MISS_TOKENS } from '../../domain/licenses/limits.ts';
import { normalizeLicenseKey } from '../../lib/license-key.ts';
import type { Context } from '../context.ts';
import { requestError } from '../errors.ts';

/** Lets an anonymous caller ask about a key, or about none in particular; throws when it is too much. Counts each field. */
export async function admit({ viewer, limits, address, keyring }: Context, key?: string | null): Promise<void> {
  if (viewer.is !== 'anonymous' || !limits) return;
  const byAddress = await limits.perAddress.take(address);
  if (byAddress) throw tooMany('There are too many calls from this address.', byAddress);
  const name = key && Buffer.from(keyring.digest(normalizeLicenseKey(key))).toString('base64url');
  const byKey = name ? await limits.perKey.take(name) : null;
  if (byKey) throw tooMany('There are too many calls for this license key.', byKey);
}

/** Makes guessing expensive: notes that what was asked for does not exist. */
export function noteMiss({ viewer, limits, address, log }: Context): void {
  if (viewer.is !== 'anonymous' || !limits) return;
  limits.perAddress
    .charge(address, MISS_TOKENS - 1)
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
