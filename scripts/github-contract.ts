import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openGithub } from '../src/sandbox/github/github.ts';

/**
 * `node scripts/github-contract.ts` writes the extract of GitHub's published description that tests hold Boon and the
 * emulator to: the routes the emulator answers, with whatever they refer to. The package it comes from is 385 MB, so it
 * is fetched here and is no dependency.
 */
const PACKAGE = '@octokit/openapi@23.0.2';
const FILE = 'package/generated/api.github.com.json';
const TARGET = new URL('../test/support/github-contract.json.gz', import.meta.url);
/** For reading, and most of the size. */
const PROSE = ['description', 'summary', 'example', 'examples', 'externalDocs', 'tags', 'x-github'];

interface Description {
  info: object;
  paths: Record<string, Record<string, object>>;
  components: Record<string, Record<string, object>>;
}

const description = await published();
const { routes } = openGithub('http://extract', { now: () => new Date(), elapsed: () => 0, advance: () => {} }, {});
const paths: Description['paths'] = {};
for (const route of routes) {
  const [method = '', path = ''] = route.split(' ');
  const operation = description.paths[path]?.[method.toLowerCase()];
  if (operation) paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
}
const components: Description['components'] = {};
gather(paths);
const extract = { from: PACKAGE, info: description.info, paths, components };
const text = JSON.stringify(extract, (name, value) => (isProse(name, value) ? undefined : value));
await writeFile(TARGET, gzipSync(text, { level: 9 }));
console.log(
  `${routes.length} routes, ${Object.values(paths).flatMap(Object.keys).length} of them published: ${text.length} characters`,
);

async function published(): Promise<Description> {
  const folder = await mkdtemp(join(tmpdir(), 'boon-contract-'));
  try {
    const [{ filename }] = JSON.parse(
      execFileSync('npm', ['pack', PACKAGE, '--json', '--silent'], { cwd: folder, encoding: 'utf8' }),
    );
    execFileSync('tar', ['-xzf', filename, FILE], { cwd: folder });
    return JSON.parse(await readFile(join(folder, FILE), 'utf8'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Whatever a node refers to, and what that refers to. */
function gather(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const { $ref } = node as { $ref?: unknown };
  const [, , kind = '', name = ''] = typeof $ref === 'string' ? $ref.split('/') : [];
  const found = description.components[kind]?.[name];
  if (found && !components[kind]?.[name]) {
    components[kind] = { ...components[kind], [name]: found };
    gather(found);
  }
  for (const [name, child] of Object.entries(node)) if (!isProse(name, child)) gather(child);
}

/** A property of an answer may be called like a piece of prose, and is then a schema. */
function isProse(name: string, value: unknown): boolean {
  if (!PROSE.includes(name)) return false;
  return typeof value !== 'object' || value === null || !('type' in value || '$ref' in value || 'nullable' in value);
}
