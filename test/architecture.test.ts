import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importsOf, judge, type SourceFile } from './support/architecture.ts';

const ROOT = join(import.meta.dirname, '..');

test('the house stands as its rows say', async () => {
  const files: SourceFile[] = [];
  for await (const path of glob('{src,test,scripts,bench}/**/*.ts', {
    cwd: ROOT,
    exclude: ['**/node_modules/**', '**/generated/**'],
  })) {
    files.push({ path, text: await readFile(join(ROOT, path), 'utf8') });
  }
  expect(judge(files)).toEqual([]);
});

/** A house in order; each test below plants one flaw in it. */
const HOUSE = {
  'src/main.ts': `import { openApp } from './app.ts'; void process.env; await import('./sandbox/demo.ts');`,
  'src/sandbox/demo.ts': `import { createServer } from 'node:http';`,
  'src/app.ts': `import './jobs/index.ts'; export const openApp = 1;`,
  'src/jobs/index.ts': `import type { Kind } from '../benefits/kinds.ts';`,
  'src/benefits/kinds.ts': `import { licenseKeys } from './kinds/license-keys.ts'; export type Kind = 'license_keys';`,
  'src/benefits/kinds/license-keys.ts': `import * as grants from '../../domain/grants/held.ts';\nexport const licenseKeys = { type: 'license_keys' };`,
  'src/domain/grants/held.ts': `import { now } from '../../lib/time.ts';\n// e.g. 'license_keys', see '../../server/http.ts'`,
  'src/lib/time.ts': `import { z } from 'zod'; export const now = 'https://example.com/*';`,
  'src/client/demo.ts': `import { createClient } from 'graphql-ws';`,
  'test/benefits/kinds/license-keys.test.ts': '',
};

const judgeWith = (planted: Record<string, string>) =>
  judge(Object.entries({ ...HOUSE, ...planted }).map(([path, text]) => ({ path, text })));

test('a house in order has no flaws', () => {
  expect(judgeWith({})).toEqual([]);
});

test.each([
  [
    'an upward import',
    { 'src/lib/time.ts': `import '../domain/grants/held.ts';`, 'src/domain/grants/held.ts': '' },
    'src/lib/time.ts imports src/domain/grants/held.ts: up from row 0 to row 2',
  ],
  [
    'an upward import of a type',
    { 'src/domain/a.ts': `import type { A } from '../graphql/a.ts';` },
    'src/domain/a.ts imports src/graphql/a.ts: up from row 2 to row 4',
  ],
  [
    'an upward import at run time',
    { 'src/domain/a.ts': `await import('../server/a.ts');` },
    'src/domain/a.ts imports src/server/a.ts: up from row 2 to row 5',
  ],
  [
    'an upward re-export',
    { 'src/domain/a.ts': `export {\n  a,\n} from '../app.ts';` },
    'src/domain/a.ts imports src/app.ts: up from row 2 to row 6',
  ],
  [
    'a sideways import',
    { 'src/graphql/a.ts': `import '../jobs/index.ts';` },
    'src/graphql/a.ts imports src/jobs/index.ts: sideways in row 4',
  ],
  [
    'a cycle',
    { 'src/lib/a.ts': `import type { B } from './b.ts';`, 'src/lib/b.ts': `import './a.ts';` },
    'src/lib/a.ts → src/lib/b.ts → src/lib/a.ts is a cycle',
  ],
  [
    'a client that shares code',
    { 'src/client/demo.ts': `import '../lib/time.ts';` },
    'src/client/demo.ts imports src/lib/time.ts: what stands apart shares no code',
  ],
  [
    'a program that leans on what is emulated',
    { 'src/app.ts': `import './sandbox/demo.ts';` },
    'src/app.ts imports src/sandbox/demo.ts: what stands apart shares no code',
  ],
  [
    'a program that imports its tests',
    { 'src/app.ts': `import '../test/support/a.ts';` },
    'src/app.ts imports test/support/a.ts, which is not part of the program',
  ],
  ['a folder in no row', { 'src/stuff/a.ts': '' }, 'src/stuff/a.ts stands in no row'],
  [
    'an unregistered kind',
    { 'src/benefits/kinds/gift.ts': '', 'test/benefits/kinds/gift.test.ts': '' },
    'src/benefits/kinds/gift.ts is not registered in src/benefits/kinds.ts',
  ],
  [
    'an untested kind',
    {
      'src/benefits/kinds.ts': `import './kinds/license-keys.ts'; import './kinds/gift.ts';`,
      'src/benefits/kinds/gift.ts': '',
    },
    'src/benefits/kinds/gift.ts has no test test/benefits/kinds/gift.test.ts',
  ],
  [
    'a kind named elsewhere',
    { 'src/domain/a.ts': `if (type === "license_keys") {}` },
    'src/domain/a.ts names the kind license-keys: "license_keys"',
  ],
  [
    'a kind named by its type in the API',
    { 'src/graphql/a.ts': 'type A = LicenseKeysBenefit;' },
    'src/graphql/a.ts names the kind license-keys: LicenseKeysBenefit',
  ],
  [
    'another reader of the environment',
    { 'src/lib/a.ts': 'export const home = process.env.HOME;' },
    'src/lib/a.ts reads the environment',
  ],
  ['a deep file', { 'src/domain/a/b/c.ts': '' }, 'src/domain/a/b/c.ts lies deeper than 3 segments below src'],
  ['a long file', { 'src/domain/a.ts': 'x\n'.repeat(301) }, 'src/domain/a.ts has 301 lines, more than 300'],
  ['a camel-cased name', { 'src/domain/someThing.ts': '' }, 'src/domain/someThing.ts is not named in kebab-case'],
  ['a barrel', { 'src/domain/index.ts': '' }, 'src/domain/index.ts has a name that says nothing'],
])('%s is found', (_, planted: Record<string, string>, flaw) => {
  expect(judgeWith(planted)).toEqual([flaw]);
});

test('too many files in a folder are found', () => {
  const many = Object.fromEntries(Array.from({ length: 26 }, (_, n) => [`src/domain/a${n}.ts`, '']));
  expect(judgeWith(many)).toEqual(['src/domain has 26 files, more than 25']);
});

test('long files on the whole are found', () => {
  const long = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`src/domain/a${n}.ts`, 'x\n'.repeat(71)]));
  expect(judgeWith(long)).toEqual(['the median file has 71 lines, more than 70']);
});

test('imports are read in every form, and not from comments', () => {
  const text = `
    import a, { type B } from './a.ts'; import type { C } from "../c.ts";
    import './d.ts'; export * from './e.ts'; const f = await import('./f.ts');
    // import './comment.ts'
    /* import './comment.ts' */ const url = 'http://x'; import 'zod';`;
  expect(importsOf({ path: 'src/lib/x.ts', text })).toEqual([
    'src/lib/a.ts',
    'src/c.ts',
    'src/lib/d.ts',
    'src/lib/e.ts',
    'src/lib/f.ts',
    'zod',
  ]);
});
