import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, test, vi } from 'vitest';
import { SECOND_MS } from '../../src/lib/time.ts';
import { openPostgresBus } from '../../src/platform/bus-postgres.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { openLifeline } from '../../src/platform/lifeline.ts';
import { openLog } from '../../src/platform/log.ts';
import { MIGRATION_LOCK, migrate } from '../../src/platform/migrations.ts';
import { openQueue } from '../../src/platform/queue.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { openPassage } from '../support/passage.ts';

/** Longer than an answer takes on a machine that is busy with something else. */
const SILENCE_MS = 3_000;
const log = openLog('silent');

let place: TestDatabase;
beforeAll(async () => {
  place = await testDatabase();
});
afterAll(() => place[Symbol.asyncDispose]());

/** All that a process has open to a database, by a way that can be shut. */
async function openProcess(silenceMs = SILENCE_MS) {
  await using stack = new AsyncDisposableStack();
  const passage = stack.use(await openPassage(place.url));
  const { url } = passage;
  const warnings: string[] = [];
  const lifeline = stack.use(openLifeline({ url, log: openLog('warn', (line) => warnings.push(line)), silenceMs }));
  const database = stack.use(await openDatabase({ url, log, lifeline }));
  const queue = stack.use(await openQueue({ url, log, lifeline, queues: [QUEUE], working: true }));
  const bus = stack.use(await openPostgresBus({ url, log, lifeline }));
  const closing = stack.move();
  return { passage, database, queue, bus, warnings, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

const QUEUE = { name: 'work', policy: 'standard', retryLimit: 2, retryDelaySeconds: 1, expireSeconds: 60 } as const;

test.concurrent('what waits for a database that has vanished fails, whatever it waits with, and goes on once it is back', async ({
  expect,
}) => {
  await using boon = await openProcess(SILENCE_MS / 2);
  const { passage, database, queue, bus, warnings } = boon;
  const heard = vi.fn();
  await bus.listen('topic', heard);
  const worked = vi.fn();
  await queue.work('work', { batchSize: 1, concurrency: 1 }, async () => worked());
  const asks = {
    'a lookup': () => database.lookUp('one', 'SELECT 1', []),
    'a read': () => database.read('one', 'SELECT 1', []),
    'the ORM': () => database.prisma.organization.count(),
    'a transaction': () => database.prisma.$transaction((db) => db.organization.count()),
  };
  const ask = () => Promise.allSettled(Object.values(asks).map((one) => one()));
  const all = (status: string) => Object.values(asks).map(() => expect.objectContaining({ status }));
  await expect.poll(ask).toEqual(all('fulfilled'));
  passage.shut();
  expect(await ask()).toEqual(all('rejected'));
  await expect.poll(() => bus.isUp()).toBe(false);
  expect(warnings[0]).toContain('The database does not answer.');

  passage.open();
  await expect.poll(ask).toEqual(all('fulfilled'));
  await expect.poll(() => bus.isUp()).toBe(true);
  heard.mockClear();
  bus.ring(['topic']);
  await expect.poll(() => heard).toHaveBeenCalled();
  await database.prisma.$transaction((db) => queue.enqueue(db, [{ name: 'work', data: {} }]));
  await expect.poll(() => worked).toHaveBeenCalled();
});

test.concurrent('a statement takes as long as it takes while the database gives signs of life', async ({ expect }) => {
  await using boon = await openProcess();
  const slow = boon.database.read<{ slept: string }>('sleep', "SELECT 'well' AS slept FROM pg_sleep($1)", [
    (1.5 * SILENCE_MS) / SECOND_MS,
  ]);
  expect(await slow).toEqual([{ slept: 'well' }]);
  expect(boon.warnings).toEqual([]);
});

test.concurrent('a database that is silent for as long as it may be is not asked once more before anything is cut', async ({
  expect,
}) => {
  const silenceMs = 300;
  // A timer of a process that has something else to do may be up a moment before its time.
  const busy = setInterval(() => {}, 7);
  const asked = Array.from({ length: 30 }, async () => {
    let calls = 0;
    await using stack = new AsyncDisposableStack();
    const server = createServer(() => calls++).listen(0, '127.0.0.1');
    stack.defer(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `postgres://boon@127.0.0.1:${port}/boon`;
    const lifeline = stack.use(openLifeline({ url, log, silenceMs }));
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const waiting = lifeline.stream().connect(port, '127.0.0.1');
    waiting.on('error', () => {}).on('close', () => resolve());
    await closed;
    return calls;
  });
  // Itself, and two questions: one of those has begun before it was there.
  expect(await Promise.all(asked)).toEqual(asked.map(() => 3));
  clearInterval(busy);
});

test.concurrent('who waits for another to change the schema is told that the database has vanished', async ({
  expect,
}) => {
  await using stack = new AsyncDisposableStack();
  const { url: direct } = stack.use(await testDatabase({ empty: true }));
  const passage = stack.use(await openPassage(direct));
  const { url } = passage;
  const other = new pg.Client({ connectionString: direct });
  await other.connect();
  stack.defer(() => other.end());
  await other.query('SELECT pg_advisory_lock($1, $2)', MIGRATION_LOCK);
  const lifeline = stack.use(openLifeline({ url, log, silenceMs: SILENCE_MS / 2 }));
  const told = expect(migrate({ url, log, lifeline })).rejects.toThrow('The database does not answer.');
  const waiting = async () =>
    (await other.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`))
      .rowCount;
  await expect.poll(waiting).toBe(1);
  passage.shut();
  await told;
});

test.concurrent('who only listens asks now and then whether the other side knows of the connection', async ({
  expect,
}) => {
  await using lifeline = openLifeline({ url: place.url, log });
  const { hostname, port } = new URL(place.url);
  const socket = lifeline.stream().connect(Number(port), hostname);
  await once(socket, 'connect');
  expect(await keepsAlive(socket)).toBe(true);
  socket.destroy();
});

/** Whether Linux has a timer for it that is about keeping it alive. Other systems do not tell. */
async function keepsAlive({ localPort = 0 }: Socket): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const here = localPort.toString(16).toUpperCase().padStart(4, '0');
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  return lines.some(
    ([, local, , state, , timer]) => local?.endsWith(`:${here}`) && state === '01' && timer?.startsWith('02:'),
  );
}
