import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { spawnBoon } from '../test/support/process.ts';
import { openRedis } from '../test/support/redis.ts';
import type { Heard, Request } from './live/audience.ts';
import { type Listener, prepare } from './live/people.ts';
import { openBoon } from './support/boon.ts';
import { start } from './support/contestant.ts';
import { cpuSeconds } from './support/cpu.ts';
import { microseconds, milliseconds, table, times, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';

/** So many customers look at their page, and little happens to each. Both sides need that many file descriptors. */
const SOCKETS = Number(process.argv[2] ?? 10_000);
/** The two sides take turns, so that whatever else the machine does falls upon both. */
const ROUNDS = 30;
const EVENTS = 1_000;
/** The first do not count: what has just started still compiles itself, and keeps something of everybody's first event. */
const WARM_UP = Math.ceil(SOCKETS / EVENTS);
const BATCH = 10;
/** 500 events a second. */
const BATCH_MS = 20;
const SETTLE_MS = 3_000;
const LONGEST_MS = 60_000;
const QUERY =
  'subscription { benefitGrantChanged { cursor change occurredAt grant { id state revoking benefit { id type } } } }';

interface Side extends AsyncDisposable {
  name: string;
  pid: number;
  open: Exclude<Request, 'heard'>['open'];
  happen: (batch: readonly Listener[]) => Promise<unknown>;
}

await using redis = await openRedis();
await using boon = await openBoon({ REDIS_URL: redis.url });
await boon.stop();
const listeners = await prepare(boon, SOCKETS);
await using ours = await openOurs();
await using bare = await openBare();
const sides: Opened[] = [];
for (const side of [ours, bare]) sides.push(await open(side));
for (let round = 0; round < WARM_UP + ROUNDS; round++) {
  for (const side of sides) {
    const cpu = await tell(side, round);
    if (round >= WARM_UP) side.cpu += cpu;
  }
}

const results = await Promise.all(sides.map(sum));
for (const { audience } of sides) audience.kill();
const ratio = (figure: 'bytes' | 'cpu') => times((results[0]?.[figure] ?? 0) / (results[1]?.[figure] ?? 0));
await writeTable(
  'live',
  table([
    [
      `${whole(SOCKETS)} sockets`,
      'memory a socket',
      'CPU an event',
      'CPU while nothing happens',
      'event → arrival p50',
      'p99',
    ],
    ...results.map(({ name, bytes, cpu, idle, heard }) => [
      name,
      `${(bytes / 1_024).toFixed(1)} KiB`,
      microseconds(cpu),
      `${(idle * 100).toFixed(1)} %`,
      milliseconds(heard.p50),
      milliseconds(heard.p99),
    ]),
    ['Boon : bare (at most 3)', ratio('bytes'), ratio('cpu'), '', '', ''],
  ]),
);

/** An API process, as one would run it beside workers. What happens is written by this process. */
async function openOurs(): Promise<Side> {
  const api = spawnBoon(
    {
      PATH: process.env.PATH ?? '',
      NODE_ENV: 'production',
      DATABASE_URL: boon.databaseUrl,
      BOON_SECRET: boon.secret,
      REDIS_URL: redis.url,
      PORT: '0',
      DEMO: 'off',
      LOG_LEVEL: 'warn',
    },
    '--role',
    'api',
  );
  await api.says('Ctrl-C');
  const url = /http\S+\/graphql/.exec(api.output())?.[0] ?? '';
  const lines = listeners.map(({ token }) => [
    JSON.stringify({ type: 'connection_init', payload: { token } }),
    JSON.stringify({ type: 'subscribe', id: '1', payload: { query: QUERY } }),
  ]);
  return {
    name: 'Boon',
    pid: api.child.pid ?? 0,
    open: { url, protocol: 'graphql-transport-ws', lines },
    happen: (batch) =>
      boon.transaction(async (tx) => {
        for (const { customerId, grantId } of batch) {
          const grant = { id: grantId, state: 'ACTIVE', customerId };
          tx.append({
            organizationId: boon.organizationId,
            type: 'benefit_grant.updated',
            customerId,
            subjectId: grantId,
            data: { grant, changed: ['state'] },
          });
        }
      }),
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

async function openBare(): Promise<Side> {
  const server = await start(join(import.meta.dirname, 'live', 'bare.ts'), [redis.url]);
  const publisher = new Redis(redis.url);
  return {
    name: 'bare ws and Redis',
    pid: server.pid,
    open: { url: server.url, lines: listeners.map(({ customerId }) => [customerId]) },
    async happen(batch) {
      for (const { customerId, grantId } of batch) {
        const grant = { id: grantId, state: 'ACTIVE', revoking: false, benefit: { id: grantId, type: 'CUSTOM' } };
        const told = { cursor: 'x'.repeat(80), change: 'UPDATED', occurredAt: new Date(), grant };
        const payload = { data: { benefitGrantChanged: told } };
        await publisher.publish(customerId, JSON.stringify({ id: '1', type: 'next', payload }));
      }
    },
    async [Symbol.asyncDispose]() {
      publisher.disconnect();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A side all of whose listeners listen, and what it has cost since. */
interface Opened extends Side {
  audience: ChildProcess;
  bytes: number;
  idle: number;
  cpu: number;
}

async function open(side: Side): Promise<Opened> {
  const audience = fork(join(import.meta.dirname, 'live', 'audience.ts'));
  const before = await memory(side.pid);
  await ask(audience, { open: side.open });
  await pause(SETTLE_MS);
  const bytes = ((await memory(side.pid)) - before) / SOCKETS;
  const idleFrom = await cpuSeconds(side.pid);
  await pause(SETTLE_MS);
  const idle = ((await cpuSeconds(side.pid)) - idleFrom) / (SETTLE_MS / 1_000);
  return { ...side, audience, bytes, idle, cpu: 0 };
}

/** Tells each event to the one it concerns. Answers what that has cost, in seconds. */
async function tell(side: Opened, round: number): Promise<number> {
  const from = await cpuSeconds(side.pid);
  const begun = performance.now();
  for (let sent = 0; sent < EVENTS; sent += BATCH) {
    const first = round * EVENTS + sent;
    await side.happen(Array.from({ length: BATCH }, (_, index) => listeners[(first + index) % SOCKETS] as Listener));
    await pause(Math.max(0, begun + (sent / BATCH) * BATCH_MS - performance.now()));
  }
  const due = (round + 1) * EVENTS;
  let { events } = await ask<Heard>(side.audience, 'heard');
  while (events < due && performance.now() - begun < LONGEST_MS) {
    await pause(100);
    events = (await ask<Heard>(side.audience, 'heard')).events;
  }
  if (events !== due) throw new Error(`${side.name}: ${events} of ${due} events were heard.`);
  return (await cpuSeconds(side.pid)) - from;
}

async function sum({ name, audience, bytes, idle, cpu }: Opened) {
  return { name, bytes, idle, cpu: cpu / (ROUNDS * EVENTS), heard: await ask<Heard>(audience, 'heard') };
}

async function ask<Answer>(audience: ChildProcess, request: Request): Promise<Answer> {
  audience.send(request);
  const [answer] = await once(audience, 'message');
  return answer;
}

/** What of a process lies in memory, in bytes. */
async function memory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1_024;
}
