import { openConsumption } from '../src/domain/credits/consumption.ts';
import { topUp } from '../src/domain/credits/spending.ts';
import * as customers from '../src/domain/customers.ts';
import * as meters from '../src/domain/meters/meters.ts';
import { type Boon, openBoon } from './support/boon.ts';
import { measure as fire } from './support/load.ts';
import { median, microseconds, table, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';

/** `node bench/credits.ts 100000 200` takes less of everything, to see that it works. */
const [EVENTS = 10_000_000, CUSTOMERS = 10_000] = process.argv.slice(2).map(Number);
const CALLS = 10_000;
/** Calls under way at once. */
const CALLERS = 128;
const SECONDS = 10;
const WARM_UP_SECONDS = 3;
const READS = 2_000;
const CREDITS = '1000000000';
const CONSUME =
  'mutation ($input: ConsumeCreditsInput!) { consumeCredits(input: $input) { ... on ConsumeCreditsPayload { balance { balance } } ... on UserError { message } } }';
const BALANCE =
  'query ($customer: CustomerBy!, $meterId: ID!) { meterBalance(customer: $customer, meterId: $meterId) { balance credited consumed } }';

await using boon = await openBoon();
const { id: meterId } = await boon.transaction((tx) =>
  meters.create(tx, { organizationId: boon.organizationId, name: 'Calls', aggregation: { function: 'COUNT' } }),
);
const people = await makeCustomers(boon, CUSTOMERS);
const one = await consume(boon, people.slice(0, 1));
const many = await consume(boon, people);
const bare = await consumeWithoutHttp(boon, people.slice(0, 1));
const [few, lots] = [people[1] ?? '', people[2] ?? ''];
await makeEntries(boon, few, 10);
await makeEntries(boon, lots, EVENTS);
const readings = await read(boon, [few, lots]);

await writeTable(
  'credits',
  [
    table([
      ['`consumeCredits`, a unit a call', 'calls a second'],
      ['of one customer, over HTTP', whole(one)],
      [`of ${whole(CUSTOMERS)} customers, over HTTP`, whole(many)],
      ['of one customer, without HTTP', whole(bare)],
    ]),
    table([
      ['`meterBalance`, one at a time', 'median'],
      ['after 10 entries', microseconds((readings[0] ?? 0) / 1_000)],
      [`after ${whole(EVENTS)} entries`, microseconds((readings[1] ?? 0) / 1_000)],
    ]),
  ].join('\n\n'),
);

async function makeCustomers({ transaction, organizationId }: Boon, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 0; number < count; number++) {
    const id = await transaction(async (tx) => {
      const { id } = await customers.create(tx, { organizationId, email: `customer${number}@example.com` });
      await topUp(tx, { organizationId, customerId: id, meterId, units: CREDITS });
      return id;
    });
    ids.push(id);
  }
  return ids;
}

/** Calls a second, each of the next customer. */
async function measure(call: (number: number) => Promise<unknown>): Promise<number> {
  const run = async (from: number, to: number) => {
    let next = from;
    const caller = async () => {
      while (next < to) await call(next++);
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
  };
  await run(0, CALLS / 10);
  const startedAt = performance.now();
  await run(0, CALLS);
  return CALLS / ((performance.now() - startedAt) / 1_000);
}

async function consume({ url, headers }: Boon, ids: readonly string[]): Promise<number> {
  const bodies = ids.map((id) =>
    JSON.stringify({ query: CONSUME, variables: { input: { customer: { id }, meterId, units: '1' } } }),
  );
  const load = { url, headers, bodies, connections: CALLERS };
  await fire({ ...load, seconds: WARM_UP_SECONDS });
  return (await fire({ ...load, seconds: SECONDS })).perSecond;
}

function consumeWithoutHttp({ transaction, organizationId }: Boon, ids: readonly string[]): Promise<number> {
  const consume = openConsumption({ transaction });
  return measure((number) =>
    consume({ organizationId, customer: { id: ids[number % ids.length] ?? '' }, meterId, units: '1' }),
  );
}

/** A ledger as so many uses would have left it. */
async function makeEntries({ database: { prisma } }: Boon, customerId: string, count: number): Promise<void> {
  const { id, sequence, balance, credited, overage, used } = await prisma.creditBalance.findUniqueOrThrow({
    where: { customerId_meterId: { customerId, meterId } },
  });
  const { id: lotId } = await prisma.creditLot.findFirstOrThrow({ where: { balanceId: id } });
  await prisma.$executeRaw`
    INSERT INTO "CreditEntry" (id, "balanceId", sequence, type, units, "lotId", cause, at, balance, credited, overage, used)
    SELECT 'cre_' || ${id}::text || n, ${id}, ${sequence} + n, 'USED', -1, ${lotId}, 'USAGE', now(), ${balance} - n, ${credited}, ${overage}, ${used} + n
    FROM generate_series(1, ${count}::int) AS n`;
  await prisma.creditBalance.update({
    where: { id },
    data: { sequence: sequence + BigInt(count), balance: { decrement: count }, used: { increment: count } },
  });
  await prisma.creditLot.update({
    where: { id: lotId },
    data: { used: { increment: count }, remaining: { decrement: count } },
  });
  await prisma.$executeRaw`ANALYZE "CreditEntry"`;
}

/** How long a balance takes to be read, in milliseconds; in turns, so that whatever else goes on strikes all alike. */
async function read({ ask }: Boon, ids: readonly string[]): Promise<number[]> {
  const taken = ids.map((): number[] => []);
  for (let number = 0; number < READS; number++) {
    for (const [index, id] of ids.entries()) {
      const startedAt = performance.now();
      await ask(BALANCE, { customer: { id }, meterId });
      if (number >= READS / 10) taken[index]?.push(performance.now() - startedAt);
    }
  }
  return taken.map(median);
}
