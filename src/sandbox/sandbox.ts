import { openClock, type WorldClock } from './clock.ts';
import { openControl } from './control.ts';
import { type Discord, openDiscord } from './discord/discord.ts';
import { type Github, openGithub } from './github/github.ts';
import type { ProviderOptions } from './provider.ts';
import { openServer } from './server.ts';

export interface SandboxOptions extends ProviderOptions {
  /** Its time; without one it is the machine's. */
  clock?: () => Date;
  /** How many times faster than ours its time runs; its rate limits always run on this. */
  speed?: number;
  /** 0 takes any free one. */
  port?: number;
}

export interface Sandbox extends AsyncDisposable {
  url: string;
  github: Github;
  discord: Discord;
  clock: WorldClock;
  /** The settings with which Boon uses both. */
  environment: Record<string, string>;
  /**
   * Does what somebody does on the page an authorization leads to; answers where it sends them. `as` is the number of
   * their account, `guild` where they add the bot.
   */
  consent(authorizeUrl: string | URL, choice: { as: string | number; guild?: string } | 'deny'): Promise<URL>;
}

/** Opens an emulated GitHub and an emulated Discord on one port of the loopback address, empty. */
export async function openSandbox({ clock: given, speed, port, ...options }: SandboxOptions = {}): Promise<Sandbox> {
  const server = await openServer(port);
  const clock = openClock({ clock: given, speed });
  const github = openGithub(`${server.url}/github`, clock, options);
  const discord = openDiscord(`${server.url}/discord`, clock, options);
  server.host('github', github);
  server.host('discord', discord);
  server.host('', openControl({ github, discord, clock }));
  return {
    url: server.url,
    github,
    discord,
    clock,
    environment: { ...github.environment, ...discord.environment },
    consent: async (authorizeUrl, choice) => {
      const who = choice !== 'deny' && (choice.guild ? `${choice.as}@${choice.guild}` : String(choice.as));
      const form = new URLSearchParams(who ? { user: who } : { deny: '1' });
      const answer = await fetch(authorizeUrl, { method: 'POST', body: form, redirect: 'manual' });
      const location = answer.headers.get('location');
      if (!location) throw new Error(`The page answers ${answer.status}: ${await answer.text()}`);
      return new URL(location);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
