import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { joinEmbedded, openEmbedded } from '../../src/platform/embedded.ts';
import { openLog } from '../../src/platform/log.ts';
import { migrate } from '../../src/platform/migrations.ts';
import { openQueue } from '../../src/platform/queue.ts';
import { TEMPORARY, temporaryFolder } from './folder.ts';
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

const log = openLog('silent');
const FOLDER = 'boon-tests-';
/** What a crash would lose does not matter here, and many files use it at once. */
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
/** As many as one file at a time takes, with the processes that it starts. */
const CONNECTIONS = 100;
const FEWEST_CONNECTIONS = 300;

/** Services for the whole run, real ones, stopped when it ends. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  ensurePrograms();
  await sweep();
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder(`${FOLDER}${process.pid}-`));
  const connections = Math.max(FEWEST_CONNECTIONS, CONNECTIONS * project.config.maxWorkers);
  const settings = { ...FAST, max_connections: String(connections) };
  const postgres = stack.use(await openEmbedded({ dataDir: folder.path, settings }));
  const redis = stack.use(await openRedis());
  await makeTemplate(postgres.url);
  project.provide('postgresUrl', postgres.url);
  project.provide('redisUrl', redis.url);
  const services = stack.move();
  return () => services.disposeAsync();
}

/** Ends the servers of runs that were killed. */
async function sweep(): Promise<void> {
  for (const name of await readdir(TEMPORARY)) {
    const pid = name.startsWith(FOLDER) ? Number.parseInt(name.slice(FOLDER.length), 10) : process.pid;
    if (isAlive(pid)) continue;
    const dataDir = join(TEMPORARY, name);
    const left = await joinEmbedded({ dataDir });
    await left[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** With all that a first start makes, so that tests need not wait for it. */
async function makeTemplate(serverUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  await admin.end();
  const url = new URL(serverUrl);
  url.pathname = TEMPLATE;
  await migrate({ url: url.href, log });
  const queue = await openQueue({ url: url.href, log, queues: [], working: false });
  await queue[Symbol.asyncDispose]();
}
