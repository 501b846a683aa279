import { join } from 'node:path';
import { seedDemo } from './benefits/demo.ts';
import type { Kind } from './benefits/kind.ts';
import { kinds as allKinds } from './benefits/kinds.ts';
import type { Means } from './benefits/means.ts';
import type { Config, ProviderSettings } from './config.ts';
import { openConsumption } from './domain/credits/consumption.ts';
import { openFeed } from './domain/feed/feed.ts';
import { openLinks } from './domain/files/links.ts';
import { openLicenseCache } from './domain/licenses/cache.ts';
import { openLicenses } from './domain/licenses/licenses.ts';
import { openLicenseLimits } from './domain/licenses/limits.ts';
import { openSigner } from './domain/licenses/signer.ts';
import { openIntake } from './domain/usage/intake.ts';
import { openCourier } from './domain/webhooks/courier.ts';
import type { Services } from './graphql/context.ts';
import { QUEUES, startJobs } from './jobs/index.ts';
import { openTimers } from './jobs/timers.ts';
import { openKeyring } from './lib/keyring.ts';
import type { Clock } from './lib/time.ts';
import { openBus } from './platform/choose-bus.ts';
import { openDatabase } from './platform/database.ts';
import { openEmbedded } from './platform/embedded.ts';
import { verifySecret } from './platform/installation.ts';
import { openLifeline } from './platform/lifeline.ts';
import { type Log, openLog } from './platform/log.ts';
import { migrate } from './platform/migrations.ts';
import { openQueue } from './platform/queue.ts';
import { openRateLimiters } from './platform/rate-limiter.ts';
import { openLocalStorage } from './platform/storage/local-storage.ts';
import { openUnitOfWork } from './platform/unit-of-work.ts';
import { openHttp } from './providers/http.ts';

export interface AppOptions {
  config: Config;
  /** The first one seals, all of them open. */
  secrets: readonly string[];
  /** The third parties that are configured. */
  providers?: ProviderSettings;
  clock?: Clock;
  kinds?: readonly Kind[];
  log?: Log;
  /** How long the database may leave everything unanswered before that is taken for its end, in milliseconds. */
  silenceMs?: number;
}

export interface App extends AsyncDisposable {
  services: Services;
  /** Where it is reached; undefined for a worker, which answers nobody. */
  url: string | undefined;
}

/** What not every process needs takes half of a start to load, and is loaded where it is wanted. */
const load = {
  schema: () => import('./graphql/schema.ts'),
  server: () => import('./server/http.ts'),
  smtp: () => import('./providers/smtp.ts'),
  s3: () => import('./providers/s3.ts'),
  github: () => import('./providers/github.ts'),
  discord: () => import('./providers/discord.ts'),
};

/**
 * Opens everything in order, each part handed what it needs, and closes it in reverse: requests end first, then jobs,
 * then the database under them.
 */
export async function openApp({
  config,
  secrets,
  providers = {},
  clock = () => new Date(),
  kinds = allKinds,
  log = openLog(config.logLevel),
  silenceMs,
}: AppOptions): Promise<App> {
  await using stack = new AsyncDisposableStack();
  const keyring = openKeyring(secrets);
  const databaseUrl = config.databaseUrl ?? stack.use(await openEmbedded({ dataDir: config.dataDir })).url;
  const lifeline = stack.use(openLifeline({ url: databaseUrl, log, silenceMs }));
  await migrate({ url: databaseUrl, log, lifeline });
  const database = stack.use(await openDatabase({ url: databaseUrl, log, lifeline, connections: config.databasePool }));
  await verifySecret(database, keyring);
  const bus = stack.use(await openBus({ ...config, log, lifeline }));
  const working = config.role !== 'api';
  const smtp = config.mail && working ? stack.use((await load.smtp()).openSmtp(config.mail)) : null;
  const queue = stack.use(await openQueue({ url: databaseUrl, queues: QUEUES, log, lifeline, working }));
  const cache = openLicenseCache({ database, keyring });
  const transaction = openUnitOfWork({ database, queue, bus, keyring, clock, onCommit: cache.hear });
  const folder = join(config.dataDir, 'files');
  const local = await openLocalStorage({ folder, keyring, clock });
  const storage = providers.s3 ? stack.use((await load.s3()).openS3(providers.s3)) : local;
  const means: Means = {
    database,
    links: openLinks({ keyring, url: config.publicUrl ?? '' }),
    ...(providers.github && { github: (await load.github()).openGithub(providers.github, clock) }),
    ...(providers.discord && { discord: stack.use((await load.discord()).openDiscord(providers.discord, clock)) }),
  };
  // At a real third party there is nothing for an example to give away.
  const shown = kinds.filter(({ account }) => !account || providers.emulated);
  if (config.demo) await seedDemo(means, transaction, shown);
  const feed = stack.use(openFeed({ database, bus, log }));
  const licenses = stack.use(openLicenses({ database, transaction, keyring, cache, feed, clock, log }));
  const signer = openSigner({ transaction, clock });
  const limits = config.rateLimits
    ? openLicenseLimits(stack.use(openRateLimiters({ redisUrl: config.redisUrl, log })))
    : undefined;
  const http = stack.use(openHttp({ inside: config.webhooksInside }));
  const services: Services = {
    database,
    transaction,
    keyring,
    clock,
    feed,
    http,
    licenses,
    consumeCredits: openConsumption({ transaction }),
    ingestUsage: openIntake({ transaction }),
    signer,
    limits,
    log,
    kinds,
    means,
    storage,
    ...(storage === local && { localStorage: local }),
    fileQuota: config.fileQuota,
    url: config.publicUrl ?? '',
  };
  if (working) {
    const courier = stack.use(openCourier(services));
    await startJobs(queue, { ...services, smtp, courier });
    stack.use(openTimers({ ...services, bus }));
  }
  const serve = async () => {
    const schema = (await load.schema()).buildSchema(kinds);
    return (await load.server()).openServer({ config, schema, services, bus });
  };
  const server = config.role === 'worker' ? undefined : stack.use(await serve());
  const closing = stack.move();
  return { services, url: server?.url, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}
