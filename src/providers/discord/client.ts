import { DefaultRestOptions, DiscordAPIError, HTTPError, RateLimitError, REST } from 'discord.js';
import { type Clock, HOUR_MS } from '../../lib/time.ts';
import { ProviderError, wordsOf } from '../problem.ts';
import { openRefusals } from './refusals.ts';
import type { DiscordSettings } from './settings.ts';
import { judge } from './verdict.ts';

const TIMEOUT_MS = 15_000;
const RETRIES = 1;
/** Shorter waits than this are sat out; longer ones are told, and others get their turn. */
const PATIENCE_MS = 3_000;
/** Limits change: what was learned of one is held for so long after it was met last. */
const PACE_MS = HOUR_MS;

export type Ask = <Answer>(
  work: (rest: REST, signal: AbortSignal) => Promise<unknown>,
  signal?: AbortSignal,
) => Promise<Answer>;

/** How many changes a server takes in how long. */
export interface Pace {
  limit: number;
  windowMs: number;
}

/**
 * The REST half of discord.js: it keeps the limits of every route, and the global one. Discord publishes no figures, so
 * what a server takes is known once it was too much.
 */
export function openRest(
  { apiUrl, botToken, timeoutMs = TIMEOUT_MS }: DiscordSettings,
  clock: Clock,
): {
  ask: Ask;
  paceOf(serverId: string): Pace | null;
  close(): void;
} {
  const paces = new Map<string, Pace & { until: number }>();
  const learn = ({ global, method, limit, majorParameter, timeToReset }: RateLimitError): void => {
    if (global || method !== 'PUT' || !Number.isFinite(limit) || limit <= 0 || timeToReset <= 0) return;
    // It was hit somewhere in its window, so that the window is no shorter than what is left of it.
    const windowMs = Math.max(timeToReset, paceOf(majorParameter)?.windowMs ?? 0);
    paces.set(majorParameter, { limit, windowMs, until: Date.now() + PACE_MS });
  };
  const paceOf = (serverId: string): Pace | null => {
    const known = paces.get(serverId);
    return known && known.until > Date.now() ? known : null;
  };
  const within = openRefusals(clock);
  const rest = new REST({
    api: apiUrl,
    makeRequest: (url, init) => within(url, () => DefaultRestOptions.makeRequest(url, init)),
    retries: RETRIES,
    timeout: timeoutMs,
    rejectOnRateLimit: ({ timeToReset, retryAfter }) => Math.max(timeToReset, retryAfter) > PATIENCE_MS,
  }).setToken(botToken);
  return {
    async ask(work, signal) {
      const limit = AbortSignal.timeout(timeoutMs);
      // Once refused it is forgotten by the client, for ever; but it may have been refused by mistake.
      rest.setToken(botToken);
      try {
        return (await work(rest, signal ? AbortSignal.any([signal, limit]) : limit)) as never;
      } catch (error) {
        if (error instanceof RateLimitError) learn(error);
        throw asProviderError(error);
      }
    },
    paceOf,
    close() {
      rest.clearHashSweeper();
      rest.clearHandlerSweeper();
    },
  };
}

function asProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  const refusal = refusalOf(error);
  const said = wordsOf('Discord', refusal.status, refusal.message);
  return new ProviderError({ ...judge(refusal), said }, { cause: error });
}

function refusalOf(error: unknown) {
  if (error instanceof RateLimitError) {
    const seconds = Math.max(error.timeToReset, error.retryAfter) / 1000;
    return { status: 429, code: 0, message: error.message, retryAfterSeconds: seconds };
  }
  if (error instanceof DiscordAPIError)
    return { status: error.status, code: Number(error.code), message: error.message, retryAfterSeconds: null };
  const status = error instanceof HTTPError ? error.status : 0;
  return { status, code: 0, message: (error as Error).message, retryAfterSeconds: null };
}

/** The code of a refusal, where Discord named one. */
export const codeOf = (error: unknown): number | null => {
  const cause = error instanceof ProviderError ? error.cause : error;
  return cause instanceof DiscordAPIError ? Number(cause.code) : null;
};
