import { setTimeout as pause } from 'node:timers/promises';
import { readConfig } from '../../src/config.ts';
import * as accessTokens from '../../src/domain/access-tokens.ts';
import * as organizations from '../../src/domain/organizations.ts';
import { openEmbedded } from '../../src/platform/embedded.ts';
import { freePort } from '../../src/platform/free-port.ts';
import { openScript } from '../../src/script.ts';
import { temporaryFolder } from './folder.ts';
import { post } from './post.ts';
import { type BoonProcess, spawnBoon } from './process.ts';
import { openRedis } from './redis.ts';
import { TEST_SECRET } from './secret.ts';

export type Installation = Awaited<ReturnType<typeof openInstallation>>;

/** What nobody loses when PostgreSQL dies stays on; the disk need not be waited for. */
const SETTINGS = { fsync: 'off', max_connections: '300' };
const ROLES = ['api', 'api', 'worker', 'worker'] as const;
const ATTEMPT_MS = 50;

/** Boon as one runs it in earnest: two APIs and two workers, processes all, over a PostgreSQL and a Redis of their own. */
export async function openInstallation() {
  await using stack = new AsyncDisposableStack();
  const { path: dataDir } = stack.use(await temporaryFolder());
  const settings = { ...SETTINGS, port: String(await freePort()) };
  let postgres = await openEmbedded({ dataDir, settings });
  stack.defer(() => postgres[Symbol.asyncDispose]());
  let redis = await openRedis();
  stack.defer(() => redis[Symbol.asyncDispose]());
  const env = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: postgres.url,
    REDIS_URL: redis.url,
    BOON_SECRET: TEST_SECRET,
    WEBHOOK_ALLOW_PRIVATE: 'loopback',
    DEMO: 'off',
  };
  const script = stack.use(await openScript(readConfig(env), [TEST_SECRET]));
  const { id: organizationId } = await script.transaction((tx) => organizations.create(tx, { name: 'Acme' }));
  const { token } = await script.transaction((tx) => accessTokens.create(tx, { organizationId, name: 'A test' }));

  const ports = await Promise.all(ROLES.map(freePort));
  const processes: BoonProcess[] = [];
  const start = async (index: number): Promise<void> => {
    const boon = spawnBoon({ ...env, PORT: String(ports[index]) }, '--role', ROLES[index] ?? 'all');
    processes[index] = boon;
    await boon.says('Ctrl-C');
  };
  stack.defer(async () => {
    for (const boon of processes) await boon[Symbol.asyncDispose]();
  });
  await Promise.all(ROLES.map((_, index) => start(index)));
  const urls = [`http://127.0.0.1:${ports[0]}`, `http://127.0.0.1:${ports[1]}`] as const;
  const closing = stack.move();
  let asked = 0;

  return {
    urls,
    token,
    organizationId,
    database: script.database,
    /** Asks one of the two until there is an answer, whatever happens to them meanwhile. */
    async ask<Answer>(query: string, variables: object = {}): Promise<Answer> {
      for (;;) {
        const url = urls[++asked % 2] ?? urls[0];
        const reply = await post(url, { query, variables, token }).catch(() => null);
        if (reply?.body?.data && !reply.body.errors) return reply.body.data;
        await pause(ATTEMPT_MS);
      }
    },
    /** Kills a process in the middle of what it does, and starts its successor. */
    async kill(role: 'api' | 'worker'): Promise<void> {
      const index = ROLES.indexOf(role);
      processes[index]?.child.kill('SIGKILL');
      await processes[index]?.ended;
      await start(index);
    },
    stopRedis: () => redis[Symbol.asyncDispose](),
    async startRedis(): Promise<void> {
      redis = await openRedis(redis.port);
    },
    async restartPostgres(): Promise<void> {
      await postgres[Symbol.asyncDispose]();
      postgres = await openEmbedded({ dataDir, settings });
    },
    /** Whether all are the processes they were, but for those that were killed. */
    running: () => processes.every(({ child }) => child.exitCode === null && child.signalCode === null),
    output: () => processes.map((boon) => boon.output()).join('\n'),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
