import { DAY_MS, type WorldClock } from '../clock.ts';
import type { Call } from '../exchange.ts';
import { openProvider, type ProviderOptions } from '../provider.ts';
import { openTokens } from '../tokens.ts';
import { openWindows } from '../windows.ts';
import { guildRoutes } from './guild-routes.ts';
import { admit, admitAddress, countRefusal } from './limits.ts';
import type { Realm } from './realm.ts';
import { newState, type State } from './state.ts';
import { oauthRoutes, userRoutes } from './user-routes.ts';
import { openVerbs } from './verbs.ts';

const LIFE = { accessMs: 7 * DAY_MS, refreshMs: 365 * DAY_MS };

/** An emulated Discord, below this address: its API at `/api/v10`, and the page where people allow things. */
export function openDiscord(url: string, clock: WorldClock, options: ProviderOptions, kept?: State) {
  const state = kept ?? newState();
  const realm: Realm = { state, clock, tokens: openTokens(state.oauth, clock, LIFE) };
  const windows = openWindows(clock.elapsed);
  const provider = openProvider<Realm>({
    ...options,
    name: 'discord',
    world: realm,
    routes: { ...oauthRoutes, ...userRoutes, ...guildRoutes },
    clock,
    pathOf: (path) => path.replace(/^\/api(\/v\d+)?(?=\/)/, ''),
    admit(call: Call): Record<string, string> {
      if (options.limits === 'off') return {};
      admitAddress(clock, windows);
      return call.route in oauthRoutes ? {} : admit(realm, windows, call);
    },
    answered: (answer) => countRefusal(windows, answer),
    missing: () => ({ status: 404, body: { message: '404: Not Found', code: 0 } }),
  });
  return {
    ...openVerbs(realm),
    ...provider,
    state,
    apiUrl: `${url}/api`,
    url,
    /** The settings with which Boon uses it. */
    environment: {
      DISCORD_BOT_TOKEN: state.botToken,
      DISCORD_CLIENT_ID: state.clientId,
      DISCORD_CLIENT_SECRET: state.clientSecret,
      DISCORD_API_URL: `${url}/api`,
      DISCORD_URL: url,
    },
  };
}

export type Discord = ReturnType<typeof openDiscord>;
