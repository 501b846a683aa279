import type { Clock } from '../lib/time.ts';
import { openRest } from './discord/client.ts';
import { openDiscordPeople } from './discord/people.ts';
import { openServers } from './discord/servers.ts';
import type { DiscordSettings } from './discord/settings.ts';

export type Discord = ReturnType<typeof openDiscord>;

/** Discord, asked on behalf of our bot. What it refuses is thrown as a ProviderError that says whose matter it is. */
export function openDiscord(settings: DiscordSettings, clock: Clock = () => new Date()) {
  const { ask, paceOf, close } = openRest(settings, clock);
  return {
    url: settings.url,
    servers: openServers(ask, settings.clientId),
    /** What a server takes, as far as that was learned. */
    paceOf,
    people: openDiscordPeople(settings, ask),
    async [Symbol.asyncDispose]() {
      close();
    },
  };
}
