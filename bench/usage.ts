import pg from 'pg';
import * as customers from '../src/domain/customers.ts';
import * as meters from '../src/domain/meters/meters.ts';
import { newId } from '../src/lib/id.ts';
import { type Boon, openBoon } from './support/boon.ts';
import { median, table, times, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';

const CUSTOMERS = 1_000;
const BATCH = 1_000;
/** Whose events a batch holds: so many in turn. */
const FEW = 50;
/** Batches under way at once. */
const SENDERS = 4;
const BATCHES_A_TURN = 8;
/** Everything is measured in turns, so that whatever else goes on strikes all alike. */
const [TURNS = 10] = process.argv.slice(2).map(Number);
const INGEST = 'mutation ($input: IngestUsageInput!) { ingestUsage(input: $input) { __typename } }';

interface Event {
  name: string;
  customer: { id: string };
  externalId: string;
  metadata: object;
}

/** Sends batches, and is done when they are recorded. */
type Send = (batches: readonly Event[][]) => Promise<void>;

await using boon = await openBoon();
const people = await makeCustomers(boon);
await boon.transaction((tx) =>
  meters.create(tx, {
    organizationId: boon.organizationId,
    name: 'Tokens',
    filter: { property: 'name', operator: 'EQ', value: 'completion' },
    aggregation: { function: 'SUM', property: 'tokens' },
  }),
);
await using pool = openPool(boon);
const contestants = [
  { what: '`ingestUsage` over HTTP, balances changed', send: together((events) => sendBatch(boon, events)) },
  { what: '`/usage.ndjson`, balances changed', send: (batches: readonly Event[][]) => sendFile(boon, batches) },
  { what: 'the insert by hand', send: together((events) => pool.insert(events)) },
];
const few = await compete(FEW);
const many = await compete(CUSTOMERS);

const theirs = contestants.length - 1;
const row = (index: number) => [
  contestants[index]?.what ?? '',
  whole(few[index] ?? 0),
  times((few[index] ?? 0) / (few[theirs] ?? 0)),
  whole(many[index] ?? 0),
  times((many[index] ?? 0) / (many[theirs] ?? 0)),
];
await writeTable(
  'usage',
  table([
    ['', `events a second, ${FEW} customers a batch`, '', `of ${whole(CUSTOMERS)} customers a batch`, ''],
    ...contestants.map((_, index) => row(index)),
  ]),
);

async function makeCustomers({ transaction, organizationId }: Boon): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < CUSTOMERS)
    await transaction(async (tx) => {
      for (let number = 0; number < 100; number++) {
        const email = `customer${ids.length}@example.com`;
        ids.push((await customers.create(tx, { organizationId, email })).id);
      }
    });
  return ids;
}

/** Events a second of each, the median of all turns. */
async function compete(customersABatch: number): Promise<number[]> {
  const speeds = contestants.map((): number[] => []);
  for (let turn = 0; turn <= TURNS; turn++) {
    for (const [index, { send }] of contestants.entries()) {
      const batches = Array.from({ length: BATCHES_A_TURN }, (_, number) =>
        batchOf(`${customersABatch} ${index} ${turn} ${number}`, turn * BATCHES_A_TURN + number, customersABatch),
      );
      const startedAt = performance.now();
      await send(batches);
      const speed = (BATCHES_A_TURN * BATCH) / ((performance.now() - startedAt) / 1_000);
      if (turn > 0) speeds[index]?.push(speed);
    }
  }
  return speeds.map(median);
}

function batchOf(name: string, number: number, customersABatch: number): Event[] {
  return Array.from({ length: BATCH }, (_, n) => ({
    name: 'completion',
    customer: { id: people[(number * customersABatch + (n % customersABatch)) % CUSTOMERS] ?? '' },
    externalId: `${name} ${n}`,
    metadata: { tokens: n, model: 'big-4', region: 'eu-west' },
  }));
}

function together(sendOne: (events: readonly Event[]) => Promise<void>): Send {
  return async (batches) => {
    const waiting = [...batches];
    const sender = async () => {
      for (let events = waiting.shift(); events; events = waiting.shift()) await sendOne(events);
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
  };
}

async function sendBatch({ ask }: Boon, events: readonly Event[]): Promise<void> {
  const { ingestUsage } = await ask<{ ingestUsage: { __typename: string } }>(INGEST, { input: { events } });
  if (ingestUsage.__typename !== 'IngestUsagePayload') throw new Error(ingestUsage.__typename);
}

async function sendFile({ url, headers }: Boon, batches: readonly Event[][]): Promise<void> {
  const body = batches
    .flat()
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('');
  const response = await fetch(url.replace('/graphql', '/usage.ndjson'), { method: 'POST', headers, body });
  const said = await response.text();
  if (!said.includes('"done":true')) throw new Error(said.slice(-500));
}

/** What one writes by hand: the rows of the batch as arrays, and nothing for those that are there. */
function openPool({ databaseUrl }: Boon) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: SENDERS });
  const now = new Date();
  return {
    async insert(events: readonly Event[]): Promise<void> {
      await pool.query({
        name: 'usage by hand',
        text: `INSERT INTO "UsageEvent" (id, "organizationId", "customerId", name, timestamp, "externalId", metadata, "recordedAt")
          SELECT id, 'by hand', customer, 'completion', $4, external, metadata, $4
          FROM unnest($1::text[], $2::text[], $3::text[], $5::jsonb[]) AS r(id, customer, external, metadata)
          ON CONFLICT DO NOTHING`,
        values: [
          events.map(() => newId('usageEvent', now)),
          events.map(({ customer }) => customer.id),
          events.map(({ externalId }) => externalId),
          now,
          events.map(({ metadata }) => JSON.stringify(metadata)),
        ],
      });
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}
