import { HOUR_MS, MINUTE_MS } from '../clock.ts';
import type { Call } from '../exchange.ts';
import type { Rate, Windows } from '../windows.ts';
import { covers, deny, type Hub } from './hub.ts';

const CONTENT_ROUTE = 'PUT /repos/{owner}/{repo}/collaborators/{username}';
const ANONYMOUS: Rate = { limit: 60, windowMs: HOUR_MS };
const HOURLY: Rate = { limit: 5_000, windowMs: HOUR_MS };
const MOST_HOURLY = 12_500;
/** Reading costs one point, writing five. */
const POINTS: Rate = { limit: 900, windowMs: MINUTE_MS };
const WRITE_POINTS = 5;
/** What other people are notified of is limited further. */
const CONTENT: readonly Rate[] = [
  { limit: 80, windowMs: MINUTE_MS },
  { limit: 500, windowMs: HOUR_MS },
];

/**
 * Lets a call in, and answers the headers that tell where its caller stands; refuses it as GitHub does when there were
 * too many: 403, with the primary limit's headers, or with Retry-After for a secondary limit.
 */
export function admit(hub: Hub, windows: Windows, call: Call): Record<string, string> {
  const { key, rate } = primary(hub, call);
  const before = windows.standing(key, rate);
  if (before.remaining === 0)
    throw deny(403, `API rate limit exceeded for ${key}.`, {}, headersOf(hub, before, resourceOf(call)));
  for (const [name, limited, weight] of secondary(key, call)) {
    const { remaining, resetMs } = windows.standing(name, limited);
    if (remaining >= weight) continue;
    const wait = { 'retry-after': String(Math.ceil(resetMs / 1_000)), ...headersOf(hub, before, resourceOf(call)) };
    throw deny(
      403,
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      {},
      wait,
    );
  }
  for (const [name, limited, weight] of secondary(key, call)) windows.count(name, limited, weight);
  return headersOf(hub, windows.count(key, rate), resourceOf(call));
}

const resourceOf = ({ route }: Call): string => (route.endsWith('/graphql') ? 'graphql' : 'core');

function secondary(key: string, { route, method }: Call): [string, Rate, number][] {
  const points: [string, Rate, number] = [`${key} points`, POINTS, method === 'GET' ? 1 : WRITE_POINTS];
  if (route !== CONTENT_ROUTE) return [points];
  return [points, ...CONTENT.map((rate): [string, Rate, number] => [`${key} content ${rate.windowMs}`, rate, 1])];
}

/** Each installation, and each person, has a budget of its own; a large installation has a larger one. */
function primary({ state, tokens }: Hub, call: Call): { key: string; rate: Rate } {
  const resource = resourceOf(call);
  const token = call.headers.authorization?.split(' ')[1] ?? '';
  const installation = state.installations.get(state.tokens.get(token)?.installationId ?? 0);
  if (installation) {
    const size = state.repositories.values().reduce((sum, each) => sum + (covers(installation, each) ? 1 : 0), 0);
    const limit = Math.min(MOST_HOURLY, HOURLY.limit + 50 * Math.max(0, size - 20));
    return { key: `installation ID ${installation.id} ${resource}`, rate: { ...HOURLY, limit } };
  }
  const user = tokens.holder(token)?.userId;
  if (user) return { key: `user ID ${user} ${resource}`, rate: HOURLY };
  return token.includes('.') ? { key: `app ID ${state.app.id}`, rate: HOURLY } : { key: 'an address', rate: ANONYMOUS };
}

const headersOf = (
  { clock }: Hub,
  standing: { limit: number; remaining: number; used: number; resetMs: number },
  resource: string,
) => ({
  'x-ratelimit-limit': String(standing.limit),
  'x-ratelimit-remaining': String(standing.remaining),
  'x-ratelimit-used': String(standing.used),
  'x-ratelimit-reset': String(Math.ceil((clock.now().getTime() + standing.resetMs) / 1_000)),
  'x-ratelimit-resource': resource,
});
