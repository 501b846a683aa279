import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newLicenseKey } from '../src/lib/license-key.ts';
import { openBoon } from './support/boon.ts';
import { percentile, table } from './support/numbers.ts';
import { sellKeys } from './validate/data.ts';

/** Whether the time an answer takes tells a key that exists from one that does not. */
const KEYS = 20_000;
const ASKED = 3_000;
/** Beyond this many standard deviations two sets of times are taken to differ. */
const TELLING = 4;

await using boon = await openBoon({ RATE_LIMITS: 'off' });
const known = (await sellKeys(boon, KEYS, ASKED)).slice(0, ASKED);
const manifest = JSON.parse(await readFile(join(import.meta.dirname, '..', 'persisted-operations.json'), 'utf8'));
const [documentId] =
  Object.entries(manifest as Record<string, string>).find(([, text]) => /^query ValidateLicenseKey/.test(text)) ?? [];

for (const key of known.slice(0, ASKED / 3)) await time(key);
const times = { known: [] as number[], unknown: [] as number[] };
// In turn, so that what else the machine does meets both alike; each key for the first time.
for (const key of known.slice(ASKED / 3)) {
  times.known.push(await time(key));
  times.unknown.push(await time(newLicenseKey('BENCH')));
}
const row = (what: string, values: readonly number[]) => [
  what,
  ...[0.1, 0.5, 0.9].map((share) => `${Math.round(percentile(values, share) * 1e3)} µs`),
];
console.log(
  table([['first asked about', 'p10', 'p50', 'p90'], row('a key', times.known), row('no key', times.unknown)]),
);
const deviations = mannWhitney(times.known, times.unknown);
const verdict = Math.abs(deviations) < TELLING ? 'the time tells nothing' : 'the time tells them apart';
console.log(`\n${deviations.toFixed(1)} standard deviations apart (Mann–Whitney): ${verdict}.`);

async function time(key: string): Promise<number> {
  const body = JSON.stringify({ documentId, variables: { input: { key } } });
  const startedAt = performance.now();
  const response = await fetch(boon.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  await response.arrayBuffer();
  return performance.now() - startedAt;
}

/** How far the ranks of one set lie from where they would if both were of one kind, in standard deviations. */
function mannWhitney(some: readonly number[], others: readonly number[]): number {
  const ranked = [...some.map((value) => ({ value, own: 1 })), ...others.map((value) => ({ value, own: 0 }))];
  ranked.sort((a, b) => a.value - b.value);
  const ranks = ranked.reduce((sum, { own }, index) => sum + own * (index + 1), 0);
  const [n, m] = [some.length, others.length];
  const u = ranks - (n * (n + 1)) / 2;
  return (u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12);
}
