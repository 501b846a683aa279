import type { Means } from '../../src/benefits/means.ts';
import type { ProviderSettings } from '../../src/config.ts';
import { openLinks } from '../../src/domain/files/links.ts';
import { openKeyring } from '../../src/lib/keyring.ts';
import type { Database } from '../../src/platform/database.ts';
import { openDiscord } from '../../src/providers/discord.ts';
import { openGithub } from '../../src/providers/github.ts';
import { TEST_SECRET } from './secret.ts';

/** What kinds may use in tests. */
export const testMeans = (database: Database, { github, discord }: ProviderSettings = {}): Means => ({
  database,
  links: openLinks({ keyring: openKeyring([TEST_SECRET]), url: 'http://boon.test' }),
  ...(github && { github: openGithub(github) }),
  ...(discord && { discord: openDiscord(discord) }),
});
