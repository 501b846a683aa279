import type { Discord } from '../discord/discord.ts';
import type { Github } from '../github/github.ts';

interface World {
  github: Github;
  discord: Discord;
}

/** What the buttons of the page do; one that is clicked twice does nothing the second time. */
export function clicks({ github, discord }: World, { what, where = '', who = '', which = '' }: Record<string, string>) {
  const verbs: Record<string, () => void> = {
    accept: () => github.accept(where, who),
    decline: () => github.decline(where, who),
    removeCollaborator: () => github.removeCollaborator(where, who),
    leave: () => discord.leave(where, who),
    takeRole: () => discord.takeRole(where, who, which),
    ban: () => discord.ban(where, who),
    unban: () => discord.unban(where, who),
  };
  try {
    verbs[what ?? '']?.();
  } catch {
    // What the button was for is gone.
  }
}
