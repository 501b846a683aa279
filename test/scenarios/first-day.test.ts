import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../support/database.ts';
import { type BoonProcess, spawnBoon, spawnCommand } from '../support/process.ts';

let stack: AsyncDisposableStack;
let env: Record<string, string>;
let boon: BoonProcess;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const { url } = stack.use(await testDatabase());
  env = {
    DATABASE_URL: url,
    BOON_SECRET: 'a secret that is only good for tests',
    PORT: '0',
    PATH: process.env.PATH ?? '',
  };
  boon = stack.use(spawnBoon(env));
  await boon.says('Ctrl-C stops it');
  env.BOON_URL = /(http:\S+)\/graphql\n/.exec(boon.output())?.[1] ?? '';
});
afterAll(() => stack.disposeAsync());

test('the demo tells its whole story, and the live stream beside it', async () => {
  await using demo = spawnCommand(['npm', 'run', '-s', 'demo', '--', '--url', env.BOON_URL ?? ''], env);
  expect({ code: await demo.ended, output: demo.output() }).toEqual({
    code: 0,
    output: expect.stringMatching(/│ .*benefit_grant\.revoked[\s\S]*All as promised\./),
  });
});

test('the demo ends badly when nobody answers', async () => {
  await using demo = spawnCommand(
    ['npm', 'run', '-s', 'demo', '--', '--url', 'http://127.0.0.1:59998', '--token', 'x'],
    env,
  );
  expect(await demo.ended).toBe(1);
  expect(demo.output()).toContain('No Boon answers at http://127.0.0.1:59998');
});

test('the tour of the README works as it is pasted', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const tour = readme.slice(readme.indexOf('## A tour'), readme.indexOf('## The house'));
  const lines = [...tour.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block).join('');
  await using shell = spawnCommand(['bash', '-euc', lines], env);
  expect({ code: await shell.ended, output: shell.output() }).toMatchObject({ code: 0 });
  const answers = [...shell.output().matchAll(/"code": "(\w+)"/g)].map(([, code]) => code);
  expect(answers).toEqual(['VALID', 'REVOKED']);
});
