import type { Means } from '../../src/benefits/means.ts';
import type { ProviderSettings } from '../../src/config.ts';
import { openLinks } from '../../src/domain/files/links.ts';
import { openKeyring } from '../../src/lib/keyring.ts';
import type { Database } from '../../src/platform/database.ts';
import { TEST_SECRET } from './secret.ts';

/** What kinds may use in tests. A third party that is not configured is not loaded either. */
export const testMeans = async (database: Database, { github, discord }: ProviderSettings = {}): Promise<Means> => ({
  database,
  links: openLinks({ keyring: openKeyring([TEST_SECRET]), url: 'http://boon.test' }),
  ...(github && { github: (await import('../../src/providers/github.ts')).openGithub(github) }),
  ...(discord && { discord: (await import('../../src/providers/discord.ts')).openDiscord(discord) }),
});
