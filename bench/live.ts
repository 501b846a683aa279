import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { newId } from '../src/lib/id.ts';
import { newToken } from '../src/lib/keyring.ts';
import { after, HOUR_MS } from '../src/lib/time.ts';
import { spawnBoon } from '../test/support/process.ts';
import { openRedis } from '../test/support/redis.ts';
import type { Heard, Request } from './live/audience.ts';
import { type Boon, openBoon } from './support/boon.ts';
import { start } from './support/contestant.ts';
import { cpuSeconds } from './support/cpu.ts';
import { microseconds, milliseconds, table, times, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';

/** So many customers look at their page, and little happens to each. Both sides need that many file descriptors. */
const SOCKETS = Number(process.argv[2] ?? 10_000);
const EVENTS = 10_000;
const BATCH = 10;
/** 500 events a second. */
const BATCH_MS = 20;
const SETTLE_MS = 3_000;
const LONGEST_MS = 60_000;
const QUERY =
  'subscription { benefitGrantChanged { cursor change occurredAt grant { id state revoking benefit { id type } } } }';

interface Listener {
  token: string;
  customerId: string;
  grantId: string;
}

interface Result {
  bytes: number;
  cpu: number;
  idle: number;
  heard: Heard;
}

await using redis = await openRedis();
await using boon = await openBoon({ REDIS_URL: redis.url });
await boon.stop();
const listeners = await prepare(boon);
const bare = await measureBare();
const ours = await measureBoon();

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
    ...(Object.entries({ Boon: ours, 'bare ws and Redis': bare }) as [string, Result][]).map(([name, result]) => [
      name,
      `${(result.bytes / 1_024).toFixed(1)} KiB`,
      microseconds(result.cpu),
      `${(result.idle * 100).toFixed(1)} %`,
      milliseconds(result.heard.p50),
      milliseconds(result.heard.p99),
    ]),
    ['Boon : bare (at most 3)', times(ours.bytes / bare.bytes), times(ours.cpu / bare.cpu), '', '', ''],
  ]),
);
process.exit();

/** An API process, as one would run it beside workers. What happens is written by this process. */
async function measureBoon(): Promise<Result> {
  await using api = spawnBoon(
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
  return await measure(api.child.pid ?? 0, { url, protocol: 'graphql-transport-ws', lines }, (batch) =>
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
  );
}

async function measureBare(): Promise<Result> {
  await using server = await start(join(import.meta.dirname, 'live', 'bare.ts'), [redis.url]);
  const publisher = new Redis(redis.url);
  const lines = listeners.map(({ customerId }) => [customerId]);
  const result = await measure(server.pid, { url: server.url, lines }, async (batch) => {
    for (const { customerId, grantId } of batch) {
      const grant = { id: grantId, state: 'ACTIVE', revoking: false, benefit: { id: grantId, type: 'CUSTOM' } };
      const told = { cursor: 'x'.repeat(80), change: 'UPDATED', occurredAt: new Date(), grant };
      const payload = { data: { benefitGrantChanged: told } };
      await publisher.publish(customerId, JSON.stringify({ id: '1', type: 'next', payload }));
    }
  });
  await publisher.quit();
  return result;
}

/** What it costs to hold all the sockets, and then to tell each event to the one it concerns. */
async function measure(
  pid: number,
  open: Exclude<Request, 'heard'>['open'],
  happen: (batch: readonly Listener[]) => Promise<unknown>,
): Promise<Result> {
  const audience = fork(join(import.meta.dirname, 'live', 'audience.ts'));
  await pause(SETTLE_MS);
  const before = await memory(pid);
  await ask(audience, { open });
  await pause(SETTLE_MS);
  const bytes = ((await memory(pid)) - before) / SOCKETS;
  const idleFrom = await cpuSeconds(pid);
  await pause(SETTLE_MS);
  const idle = (await cpuSeconds(pid)) - idleFrom;

  const from = await cpuSeconds(pid);
  const begun = performance.now();
  for (let sent = 0; sent < EVENTS; sent += BATCH) {
    await happen(Array.from({ length: BATCH }, (_, index) => listeners[(sent + index) % SOCKETS] as Listener));
    await pause(Math.max(0, begun + (sent / BATCH) * BATCH_MS - performance.now()));
  }
  let heard = await ask<Heard>(audience, 'heard');
  while (heard.events < EVENTS && performance.now() - begun < LONGEST_MS) {
    await pause(100);
    heard = await ask<Heard>(audience, 'heard');
  }
  const cpu = ((await cpuSeconds(pid)) - from) / EVENTS;
  audience.kill('SIGKILL');
  if (heard.events !== EVENTS) throw new Error(`${heard.events} of ${EVENTS} events were heard.`);
  return { bytes, cpu, idle: idle / (SETTLE_MS / 1_000), heard };
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

/** A customer with a session and a grant for every socket. */
async function prepare({ transaction, organizationId }: Boon): Promise<Listener[]> {
  return transaction(async (tx) => {
    const made = { createdAt: tx.now, updatedAt: tx.now };
    const benefit = newId('benefit', tx.now);
    await tx.db.benefit.create({
      data: {
        id: benefit,
        organizationId,
        type: 'custom',
        description: 'A note',
        properties: { note: 'Hello' },
        ...made,
      },
    });
    const all = Array.from({ length: SOCKETS }, () => ({
      token: newToken('boon_cs'),
      customerId: newId('customer', tx.now),
      grantId: newId('grant', tx.now),
    }));
    await tx.db.customer.createMany({
      data: all.map(({ customerId: id }) => ({ id, organizationId, email: `${id}@example.com`, ...made })),
    });
    await tx.db.customerSession.createMany({
      data: all.map(({ token, customerId }) => ({
        id: newId('customerSession', tx.now),
        organizationId,
        customerId,
        digest: tx.keyring.digest(token),
        expiresAt: after(tx.now, HOUR_MS),
        endsAt: after(tx.now, HOUR_MS),
        createdAt: tx.now,
      })),
    });
    const manual = all.map(({ customerId }) => ({ id: newId('manualGrant', tx.now), customerId }));
    await tx.db.manualGrant.createMany({
      data: manual.map(({ id, customerId }) => ({ id, customerId, benefitId: benefit, ...made })),
    });
    await tx.db.benefitGrant.createMany({
      data: all.map(({ grantId, customerId }, index) => ({
        id: grantId,
        organizationId,
        customerId,
        manualGrantId: manual[index]?.id ?? null,
        benefitId: benefit,
        position: 0,
        state: 'ACTIVE' as const,
        ...made,
      })),
    });
    return all;
  });
}
