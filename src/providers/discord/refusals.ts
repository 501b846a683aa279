import { type Clock, MINUTE_MS } from '../../lib/time.ts';
import { nobodysProblem, ProviderError } from '../problem.ts';

/** What Discord counts against the address it comes from: at 10,000 in ten minutes it lets nobody there in any more. */
const REFUSED = new Set([401, 403, 429]);
const WINDOW_MS = 10 * MINUTE_MS;
/** Of everything that a process asks. There may be several. */
const MOST = 1_000;
/** Of one server, or channel: what is broken there takes nothing from the others. To be asked to wait is no sign of that. */
const MOST_OF_ONE = 50;
const WAIT = 429;

interface Response {
  status: number;
  headers: { get(name: string): string | null };
}

/** Stops asking where too much was refused, long before Discord stops answering. */
export function openRefusals(clock: Clock) {
  const counted = new Map<string, { count: number; until: number }>();
  /** The time from which on it may be asked again. */
  const closedUntil = (place: string, most: number): number => {
    const known = counted.get(place);
    return known && known.count >= most ? known.until : 0;
  };
  const count = (place: string, now: number): void => {
    const known = counted.get(place);
    counted.set(
      place,
      known && known.until > now ? { ...known, count: known.count + 1 } : { count: 1, until: now + WINDOW_MS },
    );
  };
  return async <Answer extends Response>(url: string, ask: () => Promise<Answer>): Promise<Answer> => {
    const now = clock().getTime();
    const [place] = /\/(?:guilds|channels)\/\d+/.exec(url) ?? [];
    const until = Math.max(closedUntil(EVERYTHING, MOST), place ? closedUntil(place, MOST_OF_ONE) : 0);
    if (until > now) throw closed(Math.ceil((until - now) / 1_000));
    const answer = await ask();
    // What others share with us is no fault of ours.
    if (REFUSED.has(answer.status) && answer.headers.get('x-ratelimit-scope') !== 'shared')
      for (const one of place && answer.status !== WAIT ? [EVERYTHING, place] : [EVERYTHING]) count(one, now);
    return answer;
  };
}

const EVERYTHING = '';

const closed = (seconds: number): ProviderError =>
  new ProviderError(
    nobodysProblem(
      'REFUSED_TOO_OFTEN',
      `Discord has refused so much there that it is asked again in ${seconds} seconds.`,
      seconds,
    ),
  );
