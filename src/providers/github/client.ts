import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/core';
import { withCustomRequest } from '@octokit/graphql';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { after, type Clock, MINUTE_MS } from '../../lib/time.ts';
import { merchantsProblem, nobodysProblem, ProviderError, wordsOf } from '../problem.ts';
import { type Budget, openBudget } from './budget.ts';
import type { GithubSettings } from './settings.ts';
import { judge } from './verdict.ts';

const TIMEOUT_MS = 15_000;
const RETRIES = 1;
const RETRY_MS = 250;
/** GitHub's tokens last an hour; what is asked for shortly before is still answered. */
const TOKEN_MS = 59 * MINUTE_MS;

const Client = Octokit.plugin(throttling, retry);

export type Clients = ReturnType<typeof openClients>;

/** One client for the App itself, and one for each installation; they share connections and nothing else. */
export function openClients(settings: GithubSettings, clock: Clock) {
  const budgets = new Map<number, Budget>();
  const clients = new Map<number, Octokit>();
  const { appId, privateKey } = settings;

  const open = (installationId?: number): Octokit => {
    const client = new Client({
      baseUrl: settings.apiUrl,
      userAgent: 'boon',
      authStrategy: createAppAuth,
      auth: { appId, privateKey, cache: openTokens(clock), ...(installationId && { installationId }) },
      log: SILENT,
      retry: {
        retries: RETRIES,
        retryAfterBaseValue: RETRY_MS,
        doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451],
      },
      throttle: {
        id: String(installationId ?? 'app'),
        ...UNPACED,
        onRateLimit: () => false,
        onSecondaryRateLimit: () => false,
      },
    });
    if (!installationId) return client;
    const budget = openBudget(clock);
    budgets.set(installationId, budget);
    client.hook.wrap('request', async (request, options) => {
      const wait = budget.take();
      if (wait)
        throw new ProviderError(nobodysProblem('RATE_LIMITED', `GitHub asks us to wait ${wait} seconds.`, wait));
      try {
        const answer = await withGoodToken(client, () => request(options));
        budget.learn(answer.headers);
        return answer;
      } catch (error) {
        budget.learn((error as { response?: { headers?: object } }).response?.headers ?? {});
        throw error;
      }
    });
    return client;
  };
  const app = open();

  return {
    app,
    of: (installationId: number): Octokit => clientOf(clients, open, installationId),
    graphqlOf: (installationId: number) => withCustomRequest(clientOf(clients, open, installationId).request),
    /** What an installation may still ask, as far as it was told. */
    budgetOf: (installationId: number) => budgets.get(installationId)?.standing() ?? null,
  };
}

/** Tokens of a client, kept by the clock that everything else goes by. */
function openTokens(clock: Clock) {
  const kept = new Map<string, { token: string; until: Date }>();
  return {
    get(key: string): string {
      const known = kept.get(key);
      return known && clock() < known.until ? known.token : '';
    },
    set: (key: string, token: string) => void kept.set(key, { token, until: after(clock(), TOKEN_MS) }),
  };
}

/** A token may end before its time, as when the App was installed anew. Asking for another one tells which it is. */
async function withGoodToken<Answer>(client: Octokit, request: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await request();
  } catch (error) {
    if (statusOf(error) !== 401) throw uninstalled(error);
  }
  try {
    await client.auth({ type: 'installation', refresh: true });
  } catch (error) {
    throw uninstalled(error);
  }
  return request();
}

/** An installation that gets no token is gone; that is no answer about what was asked for. */
function uninstalled(error: unknown): unknown {
  const { request } = error as { request?: { url?: string } };
  if (statusOf(error) !== 404 || !request?.url?.endsWith('/access_tokens')) return error;
  return new ProviderError(merchantsProblem('APP_NOT_INSTALLED', 'Our App is not installed there any more.'));
}

function clientOf(clients: Map<number, Octokit>, open: (id: number) => Octokit, id: number): Octokit {
  const client = clients.get(id) ?? open(id);
  clients.set(id, client);
  return client;
}

/** Asks, and throws a ProviderError for whatever is no answer; null where there is nothing, if `orNull` allows it. */
export async function ask<Answer>(
  work: (request: { signal: AbortSignal }) => Promise<Answer>,
  signal?: AbortSignal,
): Promise<Answer> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await work({ signal: signal ? AbortSignal.any([signal, limit]) : limit });
  } catch (error) {
    throw asProviderError(error);
  }
}

/** The same, where finding nothing is an answer too. */
export async function askFor<Answer>(
  work: (request: { signal: AbortSignal }) => Promise<Answer>,
  signal?: AbortSignal,
): Promise<Answer | null> {
  try {
    return await ask(work, signal);
  } catch (error) {
    if (statusOf((error as Error).cause) === 404) return null;
    throw error;
  }
}

function asProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  const { message = '', response } = error as {
    message?: string;
    response?: { headers?: Record<string, string>; data?: unknown };
  };
  const refusal = { status: statusOf(error) ?? 0, headers: response?.headers ?? {}, message };
  // Its own clock says until when it asks us to wait.
  const now = new Date(response?.headers?.date ?? Date.now());
  const said = wordsOf('GitHub', refusal.status, message);
  return new ProviderError({ ...judge(refusal, now), said }, { cause: error });
}

/** Of an answer; what never came has none. */
const statusOf = (error: unknown): number | undefined => {
  const { status, response } = (error ?? {}) as { status?: number; response?: unknown };
  return response ? status : undefined;
};

/** How often we may ask is counted across all processes; see allowances. */
const PASS = { key: () => ({ schedule: (_options: object, work: () => unknown) => work() }) };
const UNPACED = { write: PASS, notifications: PASS } as object;
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
