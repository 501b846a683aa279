import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as endpoints from '../src/domain/webhooks/endpoints.ts';
import { openRedis } from '../test/support/redis.ts';
import { openBoon } from './support/boon.ts';
import { start } from './support/contestant.ts';
import { cpuSeconds, databaseCpuSeconds } from './support/cpu.ts';
import { microseconds, milliseconds, table, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';
import type { Posted, Posting } from './webhooks/bare.ts';
import type { Heard } from './webhooks/receiver.ts';

/** An hour of a busy merchant, compressed: as many deliveries, as many endpoints, a tenth of them dead. */
const ENDPOINTS = Number(process.argv[2] ?? 1_000);
const DEAD = ENDPOINTS / 10;
const EVENTS = 20;
/** Each hears events of one type, so that what happens concerns a few at a time. */
const TYPES = [...'abcdefghijklmnopqrst'].map((letter) => `thing.${letter}`);
/** Time between two events, which makes 250 deliveries a second. */
const PACE_MS = ENDPOINTS / 5;
const LONGEST_MS = 120_000;
/** What happens alone, one after the other and never in step with any clock. */
const ALONE = 50;
const aloneMs = () => 300 + 200 * Math.random();
/** Nobody listens on it. */
const REFUSING = 'http://127.0.0.1:9/';

interface Run {
  name: string;
  seconds: number;
  cpu: number;
  databaseCpu: number;
  heard: Heard;
}

await using redis = await openRedis();
// What happens is written by this process, and rings Boon as another node would.
await using boon = await openBoon({ REDIS_URL: redis.url });
await using receiver = await start(join(import.meta.dirname, 'webhooks', 'receiver.ts'), []);
const { transaction, organizationId, database } = boon;

const alone = await tellOne();
const runs = [await run('everything at once', 0, 0), await run('all alive', 0, PACE_MS)];
runs.push(await run('a tenth dead', DEAD, PACE_MS));
const bare = await byHand();

await writeTable(
  'webhooks',
  table([
    [
      `${whole(ENDPOINTS * EVENTS)} deliveries to ${whole(ENDPOINTS)} endpoints`,
      'deliveries/s',
      'event → arrival p50',
      'p99',
      'CPU in Node per delivery',
      'in PostgreSQL',
    ],
    ...runs.map(({ name, seconds, cpu, databaseCpu, heard }) => [
      name,
      whole(heard.deliveries / seconds),
      milliseconds(heard.p50),
      milliseconds(heard.p99),
      microseconds(cpu / heard.deliveries),
      microseconds(databaseCpu / heard.deliveries),
    ]),
    ['one event, to one endpoint', '', milliseconds(alone.p50), milliseconds(alone.p99), '', ''],
    [
      'undici alone, posting the same, signed',
      whole((ENDPOINTS * EVENTS) / bare.seconds),
      '',
      '',
      microseconds(bare.cpu / (ENDPOINTS * EVENTS)),
      '',
    ],
  ]),
);

/** Tells every endpoint its events, waits until the living have heard them, and fails unless they heard all and in order. */
async function run(name: string, dead: number, paceMs: number): Promise<Run> {
  await fetch(`${receiver.url}/forget`);
  await prepare(dead);
  const expected = (ENDPOINTS - dead) * EVENTS;
  const begun = performance.now();
  const [cpu, databaseCpu] = await consumed();
  const happening = Array.from({ length: EVENTS }, (_, index) => TYPES.map((type) => ({ type, number: index + 1 })));
  const batches = paceMs > 0 ? happening.flat().map((event) => [event]) : [happening.flat()];
  for (const [index, batch] of batches.entries()) {
    await say(batch);
    await pause(Math.max(0, begun + (index + 1) * paceMs - performance.now()));
  }
  let heard = await ask();
  while ((heard.deliveries < expected || (await waiting()) > dead * EVENTS) && performance.now() - begun < LONGEST_MS) {
    await pause(50);
    heard = await ask();
  }
  const seconds = (performance.now() - begun) / 1_000;
  const [cpuNow, databaseCpuNow] = await consumed();
  console.error(`${name}: ${seconds.toFixed(1)} s`, heard);
  if (heard.deliveries !== expected) throw new Error(`${expected - heard.deliveries} deliveries were lost.`);
  if (heard.outOfOrder > 0) throw new Error(`${heard.outOfOrder} deliveries came out of order.`);
  const left = await waiting();
  if (left !== dead * EVENTS) throw new Error(`${left} wait for the dead, to whom ${dead * EVENTS} are to be told.`);
  return { name, seconds, cpu: cpuNow - cpu, databaseCpu: databaseCpuNow - databaseCpu, heard };
}

/** Of an endpoint that has heard everything, whenever it is told something. */
async function tellOne(): Promise<Heard> {
  await transaction((tx) =>
    endpoints.create(tx, { organizationId, url: `${receiver.url}/one`, events: ['thing.one'] }),
  );
  for (let number = 1; number <= ALONE; number++) {
    await say([{ type: 'thing.one', number }]);
    await pause(aloneMs());
  }
  const heard = await ask();
  if (heard.deliveries !== ALONE) throw new Error(`${ALONE - heard.deliveries} deliveries were lost.`);
  return heard;
}

/** The dead are spread over all types: some never answer, some always fail, and where some are said to be nobody is. */
async function prepare(dead: number): Promise<void> {
  await database.prisma.webhookEndpoint.deleteMany();
  const { url } = receiver;
  await transaction(async (tx) => {
    for (let n = 0; n < ENDPOINTS; n++) {
      const ways = [`${url}/silent/${n}`, `${url}/failing/${n}`, REFUSING];
      const to = n < dead ? (ways[n % ways.length] ?? '') : `${url}/${n}`;
      await endpoints.create(tx, { organizationId, url: to, events: [TYPES[n % TYPES.length] ?? ''] });
    }
  });
}

function say(events: readonly { type: string; number: number }[]): Promise<void> {
  return transaction(async (tx) => {
    for (const { type, number } of events) {
      tx.append({ organizationId, type, subjectId: 'one', data: { thing: { number } } });
    }
  });
}

function waiting(): Promise<number> {
  return database.prisma.webhookDelivery.count({ where: { state: 'PENDING' } });
}

/** By Boon and by PostgreSQL, in seconds. */
function consumed(): Promise<[number, number]> {
  return Promise.all([cpuSeconds(boon.process.child.pid ?? 0), databaseCpuSeconds(database)]);
}

async function ask(): Promise<Heard> {
  return (await (await fetch(`${receiver.url}/heard`)).json()) as Heard;
}

/** What it takes to post as much, each endpoint's one after the other, with nothing written down. */
async function byHand(): Promise<Posted> {
  await fetch(`${receiver.url}/forget`);
  const { body } = await database.prisma.webhookMessage.findFirstOrThrow({ select: { body: true } });
  const child = fork(join(import.meta.dirname, 'webhooks', 'bare.ts'));
  child.send({ url: receiver.url, body, endpoints: ENDPOINTS, events: EVENTS } satisfies Posting);
  const [posted] = (await once(child, 'message')) as [Posted];
  return posted;
}
