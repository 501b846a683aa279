import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBoon } from './support/boon.ts';
import { start } from './support/contestant.ts';
import { cpuSeconds } from './support/cpu.ts';
import { measure } from './support/load.ts';
import { median, milliseconds, table, times, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';
import { sellKeys } from './validate/data.ts';

const KEYS = Number(process.env.KEYS ?? 1_000_000);
/** Keys asked about: few enough to stay in memory, and so many that none is asked about twice while it would. */
const WARM = 500;
const RANDOM = 60_000;
const CONNECTIONS = 64;
const WARM_UP_SECONDS = 2;
const SECONDS = Number(process.env.SECONDS ?? 4);
const ROUNDS = Number(process.env.ROUNDS ?? 3);

await using boon = await openBoon({ RATE_LIMITS: 'off' });
console.error(`Selling ${whole(KEYS)} keys.`);
const keys = await sellKeys(boon, KEYS, RANDOM);
const peer = (kind: string) =>
  start(join(import.meta.dirname, 'validate', 'peer.ts'), [boon.databaseUrl, boon.secret, boon.organizationId, kind]);
await using floor = await peer('floor');
await using fastify = await peer('fastify');
await using mercurius = await peer('mercurius');

const operation = (name: string) =>
  readFile(join(import.meta.dirname, '..', 'src', 'client', 'operations', `${name}.graphql`), 'utf8');
const persisted = Object.entries(
  JSON.parse(await readFile(join(import.meta.dirname, '..', 'persisted-operations.json'), 'utf8')) as Record<
    string,
    string
  >,
);
const documentIdOf = (name: string) =>
  persisted.find(([, text]) => new RegExp(`^\\w+ ${name}\\b`).test(text))?.[0] ?? '';
const SMALL = {
  validate: 'query ($input: Input!) { validateLicenseKey(input: $input) { valid code usage limitUsage } }',
  consume: 'mutation ($input: Input!) { consumeLicenseKey(input: $input) { valid code usage limitUsage } }',
};
const boonPid = boon.process.child.pid ?? 0;
const [validation, consumption] = await Promise.all([operation('ValidateLicenseKey'), operation('ConsumeLicenseKey')]);

interface Entrant {
  name: string;
  url: string;
  pid: number;
  bodies: string[];
  accept?: string;
}

const ask = (which: readonly string[], what: object, units?: number): string[] =>
  which.map((key) => JSON.stringify({ ...what, variables: { input: { key, ...(units && { units }) } } }));
const warm = keys.slice(0, WARM);
const lane = {
  validate: { documentId: documentIdOf('ValidateLicenseKey') },
  consume: { documentId: documentIdOf('ConsumeLicenseKey') },
};
const ours = { url: boon.url, pid: boonPid };
/** What is out of the ordinary enough to take the long way. */
const yoga = { ...ours, accept: 'application/graphql-response+json, application/json;q=0.9' };
const entrants: Entrant[] = [
  { name: 'node:http answering a constant: the floor', ...floor, bodies: ask(warm, {}) },
  { name: 'Fastify + pg, one read a call', ...fastify, bodies: ask(warm, {}) },
  { name: 'mercurius + jit, one read a call', ...mercurius, bodies: ask(warm, { query: SMALL.validate }) },
  { name: 'Boon through Yoga, the same keys again', ...yoga, bodies: ask(warm, { query: validation }) },
  { name: '**Boon, the same keys again**', ...ours, bodies: ask(warm, lane.validate) },
  { name: 'Boon through Yoga, keys at random', ...yoga, bodies: ask(keys, { query: validation }) },
  { name: '**Boon, keys at random**', ...ours, bodies: ask(keys, lane.validate) },
  { name: 'Fastify + pg, one durable update a call', ...fastify, bodies: ask(keys, {}, 1) },
  { name: 'mercurius + jit, one durable update a call', ...mercurius, bodies: ask(keys, { query: SMALL.consume }, 1) },
  { name: 'Boon through Yoga, durable consumption', ...yoga, bodies: ask(keys, { query: consumption }, 1) },
  { name: '**Boon, durable consumption**', ...ours, bodies: ask(keys, lane.consume, 1) },
];

const results = new Map<string, { perSecond: number; p99: number; cpu: number }[]>();
for (let round = 0; round <= ROUNDS; round++) {
  // Each in turn, several times over, so that what else the machine does meets all of them alike.
  for (const { name, url, pid, bodies, accept = 'application/json' } of entrants) {
    const seconds = round === 0 ? WARM_UP_SECONDS : SECONDS;
    const before = await cpuSeconds(pid);
    const headers = { 'content-type': 'application/json', accept };
    const { perSecond, p99 } = await measure({ url, headers, bodies, connections: CONNECTIONS, seconds });
    const cpu = ((await cpuSeconds(pid)) - before) / (perSecond * seconds);
    console.error(`${round === 0 ? 'warm-up' : round} ${name}: ${whole(perSecond)}/s`);
    if (round > 0) results.set(name, [...(results.get(name) ?? []), { perSecond, p99, cpu }]);
  }
}

const of = (name: string, what: 'perSecond' | 'p99' | 'cpu') =>
  median((results.get(name) ?? []).map((one) => one[what]));
const base = of(entrants[0]?.name ?? '', 'perSecond');
const rows = entrants.map(({ name }) => [
  name,
  whole(of(name, 'perSecond')),
  times(of(name, 'perSecond') / base),
  milliseconds(of(name, 'p99')),
  `${whole(of(name, 'cpu') * 1e6)} µs`,
]);
const head = [
  `${whole(KEYS)} keys, ${CONNECTIONS} connections`,
  'requests/s',
  '× the floor',
  'p99',
  'CPU a request, in Node',
];
await writeTable('validate', table([head, ...rows]));
