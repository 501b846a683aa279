import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as endpoints from '../src/domain/webhooks/endpoints.ts';
import { type Boon, openBoon } from './support/boon.ts';
import { type Contestant, start } from './support/contestant.ts';
import { cpuSeconds } from './support/cpu.ts';
import { type Measured, measure } from './support/load.ts';
import { milliseconds, table, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';
import type { Heard } from './webhooks/receiver.ts';

/** An hour of a busy merchant, compressed: as many deliveries, as many endpoints, a tenth of them dead. */
const ENDPOINTS = 1_000;
const DEAD = 100;
const EVENTS = 20;
/** Time between two events: together somewhat less than one process delivers at most. */
const PACE_MS = 4_000;
const LIMIT_SECONDS = 5;
const LONGEST_MS = 300_000;
/** Nobody listens on it. */
const REFUSING = 'http://127.0.0.1:9/';

interface Run {
  name: string;
  seconds: number;
  cpu: number;
  heard: Heard;
  lost: number;
}

await using boon = await openBoon();
await using receiver = await start(join(import.meta.dirname, 'webhooks', 'receiver.ts'), []);
const runs = [
  await run('all alive, all at once', 0, 0),
  await run('all alive', 0, PACE_MS),
  await run('a tenth dead', DEAD, PACE_MS),
];
const limit = await bare();

await writeTable(
  'webhooks',
  table([
    ['', 'deliveries/s', 'lost', 'out of order', 'event → arrival p50', 'p99', 'CPU of Boon per delivery'],
    ...runs.map(({ name, seconds, cpu, heard, lost }) => [
      name,
      whole(heard.deliveries / seconds),
      whole(lost),
      whole(heard.outOfOrder),
      milliseconds(heard.p50),
      milliseconds(heard.p99),
      milliseconds((cpu * 1_000) / heard.deliveries),
    ]),
    ['a bare client posting the same, 50 connections', whole(limit.perSecond), '', '', '', '', ''],
  ]),
);

/** Tells every endpoint all events, and waits until the living have heard them. */
async function run(name: string, dead: number, paceMs: number): Promise<Run> {
  await fetch(`${receiver.url}/forget`);
  await prepare(boon, receiver, dead);
  const expected = (ENDPOINTS - dead) * EVENTS;
  const begun = performance.now();
  const cpu = await cpuSeconds(boon.process.child.pid ?? 0);
  for (let number = 1; number <= EVENTS; number++) {
    await say(boon, number);
    await pause(Math.max(0, begun + number * paceMs - performance.now()));
  }
  let heard = await ask();
  while (heard.deliveries < expected && performance.now() - begun < LONGEST_MS) {
    await pause(100);
    heard = await ask();
  }
  const seconds = (performance.now() - begun) / 1_000;
  console.error(`${name}: ${seconds.toFixed(1)} s`, heard);
  return {
    name,
    seconds,
    cpu: (await cpuSeconds(boon.process.child.pid ?? 0)) - cpu,
    heard,
    lost: expected - heard.deliveries,
  };
}

async function prepare(
  { transaction, organizationId, database }: Boon,
  { url }: Contestant,
  dead: number,
): Promise<void> {
  await database.prisma.webhookEndpoint.deleteMany();
  await transaction(async (tx) => {
    for (let n = 0; n < ENDPOINTS; n++) {
      const ways = [`${url}/silent/${n}`, `${url}/failing/${n}`, REFUSING];
      const to = n < dead ? (ways[n % ways.length] ?? '') : `${url}/${n}`;
      await endpoints.create(tx, { organizationId, url: to, events: ['thing.*'] });
    }
  });
}

function say({ transaction, organizationId }: Boon, number: number): Promise<void> {
  return transaction(async (tx) =>
    tx.append({ organizationId, type: 'thing.made', subjectId: 'one', data: { thing: { number } } }),
  );
}

async function ask(): Promise<Heard> {
  return (await (await fetch(`${receiver.url}/heard`)).json()) as Heard;
}

/** What the receiver and the network of this machine take at most. */
function bare(): Promise<Measured> {
  const body = JSON.stringify({ type: 'thing.made', timestamp: new Date(), data: { number: 1 } });
  return measure({ url: `${receiver.url}/0`, headers: {}, bodies: [body], connections: 50, seconds: LIMIT_SECONDS });
}
