import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from './support/database.ts';
import { temporaryFolder } from './support/folder.ts';
import { runBoon, spawnBoon, spawnCommand } from './support/process.ts';

const BOON_SECRET = 'a secret that is only good for tests';
const READY = 'Ctrl-C stops it';

describe('with a database of its own', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let env: Record<string, string>;
  beforeAll(async () => {
    folder = await temporaryFolder();
    env = { DATA_DIR: folder.path, PORT: '0' };
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  test('it says where it is, answers, and ends well when told to, in time', async () => {
    await using boon = spawnBoon(env);
    await boon.says(READY);
    const [, url] = /(http:\S+)\/graphql\n/.exec(boon.output()) ?? [];
    const [, token] = /(boon_at_\S+)/.exec(boon.output()) ?? [];
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ customers(first: 3) { edges { node { id } } } }' }),
    });
    expect(await response.json()).toMatchObject({ data: { customers: { edges: [{}, {}, {}] } } });
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);

    const told = Date.now();
    boon.child.kill('SIGTERM');
    expect(await boon.ended).toBe(0);
    expect(Date.now() - told).toBeLessThan(10_000);
  });

  test('a second start finds its data, and a third beside it is refused', async () => {
    await using boon = spawnBoon(env);
    await boon.says(READY);
    const third = await runBoon(env);
    expect(third).toEqual({ code: 1, output: expect.stringMatching(/^Boon already runs on .* \(process \d+\).*$/) });

    const made = await runBoon(env, 'organization', '--name', 'Another');
    expect(made).toEqual({ code: 0, output: expect.stringMatching(/^org_\w+$/) });
    const token = await runBoon(env, 'token', '--organization', made.output, '--scopes', 'events:read,grants:read');
    expect(token).toEqual({ code: 0, output: expect.stringMatching(/^boon_at_[\w-]+$/) });
    boon.child.kill('SIGINT');
    expect(await boon.ended).toBe(0);
  });

  test('what fails while nobody waits for it is logged, and nobody else notices', async () => {
    const careless = 'process.on("SIGUSR2", () => void Promise.reject(new Error("unheard")))';
    await using boon = spawnBoon({
      ...env,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(careless)}`,
    });
    await boon.says(READY);
    const [, url] = /(http:\S+)\/graphql\n/.exec(boon.output()) ?? [];
    boon.child.kill('SIGUSR2');
    await boon.says('Something failed that nobody waited for.');
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  test('npm passes on that it is to stop', async () => {
    await using boon = spawnCommand(['npm', 'start'], { ...env, PATH: process.env.PATH ?? '' });
    await boon.says(READY);
    boon.child.kill('SIGTERM');
    expect(await boon.ended).toBe(0);
    expect(boon.output()).toContain('Stopping.');
  });

  test('commands work while it is stopped', async () => {
    expect(await runBoon(env, 'token')).toEqual({ code: 0, output: expect.stringMatching(/^boon_at_[\w-]+$/) });
  });

  test('what a command lacks is told in one line', async () => {
    expect(await runBoon(env, 'organization')).toEqual({ code: 1, output: expect.stringMatching(/^Which name\?.*$/) });
    expect(await runBoon(env, 'token', '--scopes', 'fly')).toEqual({
      code: 1,
      output: expect.stringMatching(/^There is no such scope.*$/),
    });
    expect(await runBoon(env, 'fly')).toEqual({
      code: 1,
      output: expect.stringMatching(/^There is no command fly.*$/),
    });
  });

  test('a taken port is one line', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    const { port } = await new Promise<AddressInfo>((resolve) =>
      other.once('listening', () => resolve(other.address() as AddressInfo)),
    );
    const { code, output } = await runBoon({ ...env, PORT: String(port) });
    other.close();
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(new RegExp(`^.*${port} is taken.*$`)) });
  });
});

describe('with a database elsewhere', () => {
  test('it splits into roles that share the data', async () => {
    await using database = await testDatabase({ empty: true });
    const env = { DATABASE_URL: database.url, BOON_SECRET, PORT: '0' };
    await using api = spawnBoon(env, '--role', 'api');
    await using worker = spawnBoon(env, '--role', 'worker');
    await Promise.all([api.says(READY), worker.says(READY)]);
    expect(worker.output()).not.toContain('http');
    for (const boon of [api, worker]) boon.child.kill('SIGTERM');
    expect(await Promise.all([api.ended, worker.ended])).toEqual([0, 0]);
  });

  test('it refuses another secret than the first', async () => {
    await using database = await testDatabase({ empty: true });
    const env = { DATABASE_URL: database.url, PORT: '0' };
    expect((await runBoon({ ...env, BOON_SECRET }, 'organization', '--name', 'Acme')).code).toBe(0);
    const wrong = await runBoon({ ...env, BOON_SECRET: 'another secret that is good for nothing' });
    expect(wrong).toEqual({ code: 1, output: expect.stringMatching(/^BOON_SECRET is not the secret .*$/) });
    const rotated = await runBoon(
      { ...env, BOON_SECRET: `a new secret, of 32 characters or more,${BOON_SECRET}`.replace(', of', ' of') },
      'token',
    );
    expect(rotated.code).toBe(0);
  });

  test.each([
    ['without its secret', { DATABASE_URL: 'postgresql://me@127.0.0.1:1/x' }, 'DATABASE_URL needs BOON_SECRET'],
    [
      'that nobody serves',
      { DATABASE_URL: 'postgresql://me@127.0.0.1:1/x', BOON_SECRET },
      'The database at 127.0.0.1:1 cannot be used',
    ],
  ])('one %s is one line', async (_, env, line) => {
    const { code, output } = await runBoon(env);
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(new RegExp(`^${line}.*$`)) });
  });

  test('a role without one is one line', async () => {
    const { code, output } = await runBoon({}, '--role', 'worker');
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(/^--role worker needs DATABASE_URL.*$/),
    });
  });
});
