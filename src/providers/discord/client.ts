import { DiscordAPIError, HTTPError, RateLimitError, REST } from 'discord.js';
import { ProviderError, wordsOf } from '../problem.ts';
import type { DiscordSettings } from './settings.ts';
import { judge } from './verdict.ts';

const TIMEOUT_MS = 15_000;
const RETRIES = 1;
/** Shorter waits than this are sat out; longer ones are told, and others get their turn. */
const PATIENCE_MS = 3_000;

export type Ask = <Answer>(
  work: (rest: REST, signal: AbortSignal) => Promise<unknown>,
  signal?: AbortSignal,
) => Promise<Answer>;

/** The REST half of discord.js: it keeps the limits of every route, and the global one. */
export function openRest({ apiUrl, botToken }: DiscordSettings): { ask: Ask; close(): void } {
  const rest = new REST({
    api: apiUrl,
    retries: RETRIES,
    timeout: TIMEOUT_MS,
    rejectOnRateLimit: ({ timeToReset, retryAfter }) => Math.max(timeToReset, retryAfter) > PATIENCE_MS,
  }).setToken(botToken);
  return {
    async ask(work, signal) {
      const limit = AbortSignal.timeout(TIMEOUT_MS);
      // Once refused it is forgotten by the client, for ever; but it may have been refused by mistake.
      rest.setToken(botToken);
      try {
        return (await work(rest, signal ? AbortSignal.any([signal, limit]) : limit)) as never;
      } catch (error) {
        throw asProviderError(error);
      }
    },
    close() {
      rest.clearHashSweeper();
      rest.clearHandlerSweeper();
    },
  };
}

function asProviderError(error: unknown): ProviderError {
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
