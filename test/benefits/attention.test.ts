import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const SAID =
  /(?:\b\w*sProblem|\bproblem|needsMerchant|needsCustomer|retryAfter|\[code, message\] =)[\s([]+(?:'[A-Z]+',\s*|\w+,\s*)?'([A-Z_]{4,})'/g;

test('every code that a grant may carry is explained', () => {
  const sources = globSync('src/{benefits,providers}/**/*.ts', { cwd: ROOT }).map((path) =>
    readFileSync(join(ROOT, path), 'utf8'),
  );
  const codes = new Set(sources.flatMap((text) => [...text.matchAll(SAID)].map(([, code = '']) => code)));
  expect(codes.size).toBeGreaterThan(25);
  const guide = readFileSync(join(ROOT, 'docs', 'attention.md'), 'utf8');
  expect([...codes].filter((code) => !guide.includes(`\`${code}\``))).toEqual([]);
});
