import type { Means } from '../../src/benefits/means.ts';
import type { ProviderSettings } from '../../src/config.ts';
import type { Database } from '../../src/platform/database.ts';
import { openDiscord } from '../../src/providers/discord.ts';
import { openGithub } from '../../src/providers/github.ts';

/** What kinds may use in tests. */
export const testMeans = (database: Database, { github, discord }: ProviderSettings = {}): Means => ({
  database,
  ...(github && { github: openGithub(github) }),
  ...(discord && { discord: openDiscord(discord) }),
});
