import type { Provider } from '../../prisma/generated/client/client.ts';
import { type Problem, ProviderError } from '../providers/problem.ts';
import type { Hands } from './kind.ts';
import { type Outcome, refused } from './outcome.ts';

/** Why a provider did not do it. What is no answer of a provider's is a fault of ours and thrown on. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProviderError) return error.problem;
  throw error;
}

/** What came in between is the same whatever was asked. */
export const problem = (
  who: Problem['who'],
  code: string,
  message: string,
  seconds: number | null = null,
): ProviderError => new ProviderError({ who, code, message, seconds });

/** Writes down for the merchant what went wrong at a place of theirs, in the provider's own words as well. */
export async function noteProblem(
  hands: Pick<Hands<never>, 'note'>,
  provider: Provider,
  placeId: string | null | undefined,
  { who, code, message, said }: Problem,
): Promise<void> {
  if (!placeId || who === 'CUSTOMER' || (who === 'SYSTEM' && !said)) return;
  await hands.note({ provider, placeId }, { code, message: said ? `${message} ${said}` : message });
}

const BY_URGENCY = ['SYSTEM', 'MERCHANT', 'CUSTOMER'] as const;

/** Of several things that went wrong: what goes on by itself first, then what somebody must do. Null when nothing did. */
export function worst<Held>(problems: readonly Problem[], held: Held): Outcome<Held> | null {
  const [first] = [...problems].sort(
    (a, b) => BY_URGENCY.indexOf(a.who) - BY_URGENCY.indexOf(b.who) || (b.seconds ?? 0) - (a.seconds ?? 0),
  );
  return first ? refused(first, held) : null;
}

/** Gives an access back, and says whether it is now ours to take away; throws while somebody else is at it. */
export async function release(hands: Pick<Hands<never>, 'release'>, key: string): Promise<'last' | 'shared'> {
  const answer = await hands.release(key);
  if (answer === 'wait') throw problem('SYSTEM', 'BEING_REMOVED', 'It is taken away, or given, for another grant.', 2);
  return answer;
}
