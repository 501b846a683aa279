import { MINUTE_MS, SECOND_MS, type WorldClock } from '../clock.ts';
import { type Answer, type Call, refusal } from '../exchange.ts';
import type { Rate, Standing, Windows } from '../windows.ts';
import type { Realm } from './realm.ts';

const GLOBAL: Rate = { limit: 50, windowMs: SECOND_MS };
const USUAL: Rate = { limit: 10, windowMs: 10 * SECOND_MS };
const READING: Rate = { limit: 5, windowMs: SECOND_MS };
/** What ends in 401, 403 or 429 counts against the address it comes from, and here all come from one. */
const REFUSED: Rate = { limit: 10_000, windowMs: 10 * MINUTE_MS };

/** Counts what was refused. */
export function countRefusal(windows: Windows, { status, headers }: Answer): void {
  const isCounted = [401, 403, 429].includes(status) && headers?.['x-ratelimit-scope'] !== 'shared';
  if (isCounted) windows.count('refused', REFUSED);
}

/** Whoever was refused too often is not even heard by Discord: what stands before it answers instead. */
export function admitAddress(clock: WorldClock, windows: Windows): void {
  const { remaining, resetMs } = windows.standing('refused', REFUSED);
  if (remaining > 0) return;
  const seconds = Math.ceil(clock.ours(resetMs) / 1_000);
  const headers = { 'content-type': 'text/plain; charset=UTF-8', 'retry-after': String(seconds) };
  throw refusal({ status: 429, headers, body: 'error code: 1015' });
}

/**
 * Lets a call in, with the headers of its bucket, or refuses it with 429: for the bucket, or for everything at once. How
 * long to wait is told in the time of whoever waits: they wait by a clock of ours, however fast this world's is.
 */
export function admit({ clock }: Realm, windows: Windows, call: Call): Record<string, string> {
  const token = call.headers.authorization ?? 'nobody';
  const all = windows.standing(token, GLOBAL);
  if (all.remaining === 0) throw limited(clock, all, { 'x-ratelimit-global': 'true', 'x-ratelimit-scope': 'global' });
  // Discord publishes no figures, only buckets: by route, guild and channel.
  const bucket = `${call.route} ${call.params.guild_id ?? call.params.channel_id ?? ''}`;
  const rate = call.method === 'GET' ? READING : USUAL;
  const headers = (standing: Standing) => ({
    'x-ratelimit-limit': String(standing.limit),
    'x-ratelimit-remaining': String(standing.remaining),
    'x-ratelimit-reset': ((clock.now().getTime() + standing.resetMs) / 1_000).toFixed(3),
    'x-ratelimit-reset-after': (clock.ours(standing.resetMs) / 1_000).toFixed(3),
    'x-ratelimit-bucket': Buffer.from(call.route).toString('hex').slice(0, 32),
  });
  const before = windows.standing(`${token} ${bucket}`, rate);
  if (before.remaining === 0) throw limited(clock, before, { ...headers(before), 'x-ratelimit-scope': 'user' });
  windows.count(token, GLOBAL);
  return headers(windows.count(`${token} ${bucket}`, rate));
}

function limited(clock: WorldClock, standing: Standing, headers: Record<string, string>) {
  const resetMs = clock.ours(standing.resetMs);
  const global = 'x-ratelimit-global' in headers;
  return refusal({
    status: 429,
    headers: { ...headers, 'retry-after': String(Math.ceil(resetMs / 1_000)) },
    body: { message: 'You are being rate limited.', code: 0, retry_after: Math.ceil(resetMs) / 1_000, global },
  });
}
