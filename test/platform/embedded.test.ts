import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { joinEmbedded, openEmbedded } from '../../src/platform/embedded.ts';
import { buffersFor } from '../../src/platform/embedded-server.ts';
import { keptSecret } from '../../src/platform/kept-secret.ts';
import { temporaryFolder } from '../support/folder.ts';

const settings = { fsync: 'off' };

test('a second start finds the data of the first', async () => {
  const dataDir = await newFolder();
  {
    await using first = await openEmbedded({ dataDir, settings });
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  }
  await using second = await openEmbedded({ dataDir, settings });
  expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('PostgreSQL keeps an eighth of the memory for itself, and neither little nor all too much', async () => {
  const GIB = 1024 ** 3;
  expect([0.5, 1, 4, 8, 64].map((gib) => buffersFor(gib * GIB))).toEqual([128, 128, 512, 1024, 1024]);
  await using embedded = await openEmbedded({ dataDir: await newFolder(), settings });
  const told = "SELECT setting::int / 128 >= 128 AS told FROM pg_settings WHERE name = 'shared_buffers'";
  expect(await query(embedded.url, told)).toEqual([{ told: true }]);
});

test('one Boon runs on a folder; another is told who does', async () => {
  const dataDir = await newFolder();
  await using _ = await openEmbedded({ dataDir, settings });
  await expect(openEmbedded({ dataDir, settings })).rejects.toThrow(
    `Boon already runs on ${dataDir} (process ${process.pid})`,
  );
});

test('scripts that come at once share one server, which the last of them stops', async () => {
  const dataDir = await newFolder();
  const scripts = await Promise.all([1, 2, 3].map(() => joinEmbedded({ dataDir, settings })));
  const [first, second, third] = scripts.map(({ url }) => url);
  expect([second, third]).toEqual([first, first]);
  for (const script of scripts) {
    expect(await query(script.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await script[Symbol.asyncDispose]();
  }
  await expect(query(first ?? '', 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
});

test('a server that a killed process left behind is taken over, and its folder with it', async () => {
  const dataDir = await newFolder();
  const program = `
    import { openEmbedded } from '${new URL('../../src/platform/embedded.ts', import.meta.url)}';
    console.log((await openEmbedded(${JSON.stringify({ dataDir, settings })})).url);`;
  const killed = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await using heir = await openEmbedded({ dataDir, settings });
  expect(heir.url).toBe(String(url).trim());
});

test('what is secret can be read by its owner only', async () => {
  const dataDir = await newFolder();
  await using embedded = await openEmbedded({ dataDir, settings });
  expect(embedded.url).toContain(await keptSecret(join(dataDir, 'database-password')));
  expect((await stat(join(dataDir, 'database-password'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
});

test('a kept secret is made once, by however many', async () => {
  const dir = await newFolder();
  const secrets = await Promise.all([1, 2, 3].map(() => keptSecret(join(dir, 'secret'))));
  expect(new Set(secrets).size).toBe(1);
  expect((await readFile(join(dir, 'secret'), 'utf8')).trim()).toBe(secrets[0]);
  expect(await readdir(dir)).toEqual(['secret']);
});

/** With what shells trip over. */
async function newFolder(): Promise<string> {
  const folder = await temporaryFolder('boon "it\'s" $HOME `x` ');
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return folder.path;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
