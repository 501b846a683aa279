import { DAY_MS, HOUR_MS, type WorldClock } from '../clock.ts';
import type { Answer, Call } from '../exchange.ts';
import { openProvider, type ProviderOptions } from '../provider.ts';
import type { Routes } from '../routes.ts';
import { openTokens } from '../tokens.ts';
import { openWindows } from '../windows.ts';
import { appRoutes } from './app-routes.ts';
import { collaboratorRoutes } from './collaborator-routes.ts';
import { answerGraphql } from './graphql.ts';
import { type Hub, notFound } from './hub.ts';
import { invitationRoutes } from './invitation-routes.ts';
import { admit } from './limits.ts';
import { newState, type State } from './state.ts';
import { userRoutes, webRoutes } from './user-routes.ts';
import { openVerbs } from './verbs.ts';

const LIFE = { accessMs: 8 * HOUR_MS, refreshMs: 184 * DAY_MS, prefixes: { access: 'ghu_', refresh: 'ghr_' } };

const graphqlRoutes: Routes<Hub> = {
  'POST /graphql': (hub, call) => ({ status: 200, body: answerGraphql(hub, call) }),
};
const API: Routes<Hub> = {
  ...appRoutes,
  ...collaboratorRoutes,
  ...invitationRoutes,
  ...userRoutes,
  ...graphqlRoutes,
};

/** An emulated GitHub, below this address: its API at `/api/v3`, as that of an Enterprise server, and its web site. */
export function openGithub(url: string, clock: WorldClock, options: ProviderOptions, kept?: State) {
  const state = kept ?? newState();
  const hub: Hub = { state, clock, tokens: openTokens(state.oauth, clock, LIFE), api: `${url}/api/v3`, web: url };
  const windows = openWindows(clock.elapsed);
  const verbs = openVerbs(hub);
  const provider = openProvider<Hub>({
    ...options,
    name: 'github',
    world: hub,
    routes: { ...webRoutes, ...API },
    clock,
    // The API of an Enterprise server is below /api/v3, its GraphQL at /api/graphql.
    pathOf: (path) => path.replace(/^\/api\/graphql$/, '/graphql').replace(/^\/api\/v3(?=\/)/, ''),
    admit: (call: Call) => (call.route in webRoutes || options.limits === 'off' ? {} : admit(hub, windows, call)),
    missing: (): Answer => (notFound() as unknown as { answer: Answer }).answer,
  });
  return {
    ...verbs,
    ...provider,
    state,
    /** What its API answers to, as the contract writes it. */
    routes: Object.keys(API),
    apiUrl: hub.api,
    url,
    /** The settings with which Boon uses it. */
    environment: {
      GITHUB_APP_ID: String(state.app.id),
      GITHUB_APP_PRIVATE_KEY: state.app.privateKey,
      GITHUB_CLIENT_ID: state.app.clientId,
      GITHUB_CLIENT_SECRET: state.app.clientSecret,
      GITHUB_API_URL: hub.api,
      GITHUB_URL: url,
    },
  };
}

export type Github = ReturnType<typeof openGithub>;
