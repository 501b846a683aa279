import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openLog } from '../../src/platform/log.ts';
import { migrate } from '../../src/platform/migrations.ts';
import { openEmbedded } from '../../src/platform/embedded.ts';
import { ensurePrograms } from './machine.ts';
import { openRedis } from './redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A PostgreSQL server for this run; `testDatabase()` makes databases in it. */
    postgresUrl: string;
    /** A Redis server for this run. */
    redisUrl: string;
  }
}

export const TEMPLATE = 'template_boon';

/** What a crash would lose does not matter here, and many files use it at once. */
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };

/** Services for the whole run, real ones, stopped when it ends. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  ensurePrograms();
  await using stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'boon-test-'));
  stack.defer(() => rm(dataDir, { recursive: true }));
  const postgres = stack.use(await openEmbedded({ dataDir, settings: FAST }));
  const redis = stack.use(await openRedis());
  await makeTemplate(postgres.url);
  project.provide('postgresUrl', postgres.url);
  project.provide('redisUrl', redis.url);
  const services = stack.move();
  return () => services.disposeAsync();
}

async function makeTemplate(serverUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  await admin.end();
  const url = new URL(serverUrl);
  url.pathname = TEMPLATE;
  await migrate({ url: url.href, log: openLog('silent') });
}
