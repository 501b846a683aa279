import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import * as accessTokens from '../../src/domain/access-tokens.ts';
import * as organizations from '../../src/domain/organizations.ts';
import { joinEmbedded } from '../../src/platform/embedded.ts';
import { openScript, type Script } from '../../src/script.ts';
import { type BoonProcess, spawnBoon } from '../../test/support/process.ts';

/** Boon as `npm start` runs it, on a fresh embedded PostgreSQL, with an organization to measure in. */
export interface Boon extends AsyncDisposable, Script {
  /** Where GraphQL is answered. */
  url: string;
  headers: Record<string, string>;
  process: BoonProcess;
  databaseUrl: string;
  secret: string;
  organizationId: string;
  /** Ends Boon; the database stays up for what is measured beside it. */
  stop(): Promise<void>;
  /** Asks over HTTP; fails unless there is an answer without errors. */
  ask<Answer>(query: string, variables?: object): Promise<Answer>;
}

export async function openBoon(more: Record<string, string> = {}): Promise<Boon> {
  await using stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'boon-bench-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  // Started by root, PostgreSQL runs as somebody else: who may pass has its files in here, where they go away with the rest.
  await chmod(dataDir, 0o711);
  const { url: databaseUrl } = stack.use(await joinEmbedded({ dataDir }));
  const env = {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'production',
    DATA_DIR: dataDir,
    PORT: '0',
    DEMO: 'off',
    LOG_LEVEL: 'warn',
    ...more,
  };
  const boon = stack.use(spawnBoon(env));
  await boon.says('Ctrl-C');
  const url = /http\S+\/graphql/.exec(boon.output())?.[0] ?? '';
  const secret = (await readFile(join(dataDir, 'secret'), 'utf8')).trim();
  const script = stack.use(await openScript(readConfig(env), [secret]));
  const { id: organizationId } = await script.transaction((tx) => organizations.create(tx, { name: 'Bench' }));
  const { token } = await script.transaction((tx) => accessTokens.create(tx, { organizationId, name: 'bench' }));
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const closing = stack.move();

  return {
    ...script,
    url,
    headers,
    process: boon,
    databaseUrl,
    secret,
    organizationId,
    async stop() {
      boon.child.kill('SIGTERM');
      await boon.ended;
    },
    async ask<Answer>(query: string, variables: object = {}) {
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
      const { data, errors } = (await response.json()) as { data: Answer; errors?: unknown };
      if (errors) throw new Error(JSON.stringify(errors));
      return data;
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
