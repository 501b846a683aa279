import pg from 'pg';
import * as customers from '../src/domain/customers.ts';
import * as meters from '../src/domain/meters/meters.ts';
import { newId } from '../src/lib/id.ts';
import { type Boon, openBoon } from './support/boon.ts';
import { table, times, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';

const CUSTOMERS = 1_000;
const BATCH = 1_000;
/** Whose events a batch holds: so many in turn. */
const CUSTOMERS_A_BATCH = 50;
const BATCHES = 60;
const WARM_UP = 8;
/** Batches under way at once. */
const SENDERS = 4;
const INGEST = 'mutation ($input: IngestUsageInput!) { ingestUsage(input: $input) { __typename } }';

interface Event {
  name: string;
  customer: { id: string };
  externalId: string;
  metadata: object;
}

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
const ours = await measure('ours', (events) => sendBatch(boon, events));
const file = await sendFile(boon);
const theirs = await byHand(boon);

const row = (what: string, perSecond: number) => [what, whole(perSecond), times(perSecond / theirs)];
await writeTable(
  'usage',
  table([
    ['', 'events a second', ''],
    row('`ingestUsage` over HTTP, balances changed', ours),
    row('`/usage.ndjson`, balances changed', file),
    row('the insert by hand', theirs),
  ]),
);

async function makeCustomers({ transaction, organizationId }: Boon): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 0; number < CUSTOMERS; number++) {
    const email = `customer${number}@example.com`;
    ids.push((await transaction((tx) => customers.create(tx, { organizationId, email }))).id);
  }
  return ids;
}

function batchOf(name: string, number: number): Event[] {
  return Array.from({ length: BATCH }, (_, n) => ({
    name: 'completion',
    customer: { id: people[(number * CUSTOMERS_A_BATCH + (n % CUSTOMERS_A_BATCH)) % CUSTOMERS] ?? '' },
    externalId: `${name} ${number} ${n}`,
    metadata: { tokens: n, model: 'big-4', region: 'eu-west' },
  }));
}

/** Events a second, several batches at a time. */
async function measure(name: string, send: (events: readonly Event[]) => Promise<void>): Promise<number> {
  const run = async (from: number, to: number) => {
    let next = from;
    const sender = async () => {
      while (next < to) await send(batchOf(name, next++));
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
  };
  await run(0, WARM_UP);
  const startedAt = performance.now();
  await run(WARM_UP, WARM_UP + BATCHES);
  return (BATCHES * BATCH) / ((performance.now() - startedAt) / 1_000);
}

async function sendBatch({ ask }: Boon, events: readonly Event[]): Promise<void> {
  const { ingestUsage } = await ask<{ ingestUsage: { __typename: string } }>(INGEST, { input: { events } });
  if (ingestUsage.__typename !== 'IngestUsagePayload') throw new Error(ingestUsage.__typename);
}

async function sendFile({ url, headers }: Boon): Promise<number> {
  const lines = Array.from({ length: BATCHES }, (_, number) => batchOf('file', number)).flat();
  const body = lines.map((event) => `${JSON.stringify(event)}\n`).join('');
  const startedAt = performance.now();
  const response = await fetch(url.replace('/graphql', '/usage.ndjson'), { method: 'POST', headers, body });
  const said = await response.text();
  if (!said.includes('"done":true')) throw new Error(said.slice(-500));
  return lines.length / ((performance.now() - startedAt) / 1_000);
}

/** What one writes by hand: the rows of the batch as arrays, and nothing for those that are there. */
async function byHand({ databaseUrl }: Boon): Promise<number> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: SENDERS });
  const now = new Date();
  try {
    return await measure('by hand', async (events) => {
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
    });
  } finally {
    await pool.end();
  }
}
