import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openNode } from '../support/node.ts';
import { sellKey } from '../support/sold-key.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
const GUIDE = await readFile(join(ROOT, 'docs', 'licensing.md'), 'utf8');

/** What stands in the guide in this language, in order. */
const recipes = (language: string): string[] =>
  [...GUIDE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);

let node: Awaited<ReturnType<typeof openNode>>;
let env: Record<string, string>;
beforeAll(async () => {
  node = await openNode();
  const { key } = await sellKey(node, { activations: { limit: 1 }, limitUsage: 5 });
  env = { PATH: process.env.PATH ?? '', BOON: node.url, LICENSE_KEY: key, DEVICE: 'a-machine' };
});
afterAll(() => node[Symbol.asyncDispose]());

test('curl', async () => {
  const [, validate = '', consume = ''] = recipes('sh');
  const told = async (script: string) => JSON.parse((await run('sh', ['-c', script], { env })).stdout).data;
  expect(await told(validate)).toEqual({ validateLicenseKey: { valid: true, code: 'VALID', expiresAt: null } });
  for (const _ of ['once', 'and again']) {
    expect(await told(consume)).toEqual({
      consumeLicenseKey: { valid: true, code: 'VALID', usage: 1, limitUsage: 5 },
    });
  }
});

test.each([
  [0, 'Licensed.'],
  [1, 'Licensed to cus_'],
])('TypeScript, %i', async (index, says) => {
  // Beside the tests, from where `jose` is found.
  const file = join(import.meta.dirname, `recipe-${index}-${process.pid}.mts`);
  await writeFile(file, recipes('ts')[index] ?? '');
  try {
    expect((await run(process.execPath, [file], { env })).stdout).toContain(says);
  } finally {
    await rm(file);
  }
});

test('Python', async () => {
  expect((await run('python3', ['-c', recipes('python')[0] ?? ''], { env })).stdout).toBe('Licensed.\n');
});

test('Go is shown', () => {
  expect(recipes('go')).toHaveLength(1);
});
