import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
/** `benefit_grant.created` in quotes: what happened is said in the past tense. */
const TYPE = /['"`]([a-z_]+\.[a-z_]*(?:ed|low))['"`]/g;

test('every type of event that is told stands in docs/webhooks.md', async () => {
  const told = new Set<string>();
  for await (const path of glob('src/{domain,benefits}/**/*.ts', { cwd: ROOT }))
    for (const [, type = ''] of (await readFile(join(ROOT, path), 'utf8')).matchAll(TYPE)) told.add(type);
  const docs = await readFile(join(ROOT, 'docs', 'webhooks.md'), 'utf8');
  expect(told.size).toBeGreaterThan(20);
  expect([...told].filter((type) => !docs.includes(`\`${type}\``))).toEqual([]);
});
