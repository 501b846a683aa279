import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import * as accessTokens from '../../src/domain/access-tokens.ts';
import * as organizations from '../../src/domain/organizations.ts';
import { joinEmbedded } from '../../src/platform/embedded.ts';
import { openScript, type Script } from '../../src/script.ts';
import { type BoonProcess, spawnCommand } from '../../test/support/process.ts';

/** Boon as `npm start` runs it, on a fresh embedded PostgreSQL, with an organization to measure in. */
export interface Boon extends AsyncDisposable, Script, Merchant {
  /** Where GraphQL is answered. */
  url: string;
  process: BoonProcess;
  databaseUrl: string;
  secret: string;
  /** Ends Boon; the database stays up for what is measured beside it. */
  stop(): Promise<void>;
}

/** Who uses it, and what they ask it with. */
export interface Merchant {
  organizationId: string;
  headers: Record<string, string>;
  /** Asks over HTTP; fails unless there is an answer without errors. */
  ask<Answer>(query: string, variables?: object): Promise<Answer>;
}

export async function openBoon(more: Record<string, string> = {}, program = 'src/main.ts'): Promise<Boon> {
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
  const boon = stack.use(spawnCommand([process.execPath, program], env));
  await boon.says('Ctrl-C');
  const url = /http\S+\/graphql/.exec(boon.output())?.[0] ?? '';
  const secret = (await readFile(join(dataDir, 'secret'), 'utf8')).trim();
  const script = stack.use(await openScript(readConfig(env), [secret]));
  const organization = await openOrganization(script, url);
  const closing = stack.move();
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= closing.disposeAsync());
  // Who stops it half-way has no cluster left behind either.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void close().finally(() => process.exit(1)));

  return {
    ...script,
    ...organization,
    url,
    process: boon,
    databaseUrl,
    secret,
    async stop() {
      boon.child.kill('SIGTERM');
      await boon.ended;
    },
    [Symbol.asyncDispose]: close,
  };
}

/** An organization with a token of its own. */
export async function openOrganization({ transaction }: Script, url: string): Promise<Merchant> {
  const { id: organizationId } = await transaction((tx) => organizations.create(tx, { name: 'Bench' }));
  const { token } = await transaction((tx) => accessTokens.create(tx, { organizationId, name: 'bench' }));
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  return {
    organizationId,
    headers,
    async ask<Answer>(query: string, variables: object = {}) {
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
      const { data, errors } = (await response.json()) as { data: Answer; errors?: unknown };
      if (errors) throw new Error(JSON.stringify(errors));
      return data;
    },
  };
}
