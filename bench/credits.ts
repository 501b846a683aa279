import { join } from 'node:path';
import { openConsumption } from '../src/domain/credits/consumption.ts';
import * as meters from '../src/domain/meters/meters.ts';
import { check, makeCustomers, use } from './credits/data.ts';
import { type Boon, openBoon } from './support/boon.ts';
import { start } from './support/contestant.ts';
import { measure as fire } from './support/load.ts';
import { median, microseconds, table, times, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';

/** `node bench/credits.ts 100000 200` takes less of everything, to see that it works. */
const [EVENTS = 10_000_000, CUSTOMERS = 10_000] = process.argv.slice(2).map(Number);
/** Calls under way at once. */
const CALLERS = 128;
const SECONDS = 4;
const WARM_UP_SECONDS = 2;
const ROUNDS = 3;
const READS = 2_000;
const FEW = 10;
const CREDITS = '1000000000';
const CONSUME =
  'mutation ($input: ConsumeCreditsInput!) { consumeCredits(input: $input) { ... on ConsumeCreditsPayload { balance { balance } } ... on UserError { message } } }';
const BALANCE =
  'query ($customer: CustomerBy!, $meterId: ID!) { meterBalance(customer: $customer, meterId: $meterId) { balance credited consumed } }';

await using boon = await openBoon();
const { organizationId, transaction, databaseUrl, secret, url, headers } = boon;
const { id: meterId } = await transaction((tx) =>
  meters.create(tx, { organizationId, name: 'Calls', aggregation: { function: 'COUNT' } }),
);
const people = await makeCustomers(boon, { meterId, count: CUSTOMERS, credits: CREDITS });
const [one = '', few = '', lots = ''] = people;
await using byHand = await start(join(import.meta.dirname, 'credits', 'by-hand.ts'), [
  databaseUrl,
  secret,
  organizationId,
]);

const consume = openConsumption({ transaction });
const contestants = [
  { what: '`consumeCredits` over HTTP', ...perSecond(url) },
  { what: 'Fastify + pg, one durable statement a call', ...perSecond(byHand.url) },
  { what: 'the same as `consumeCredits`, without HTTP', ...perSecondInside() },
];
const speeds = await compete();
await check(boon);

for (const [customerId, count] of [
  [few, FEW],
  [lots, EVENTS],
] as const)
  await use(boon, { customerId, meterId, count });
await check(boon);
const readings = await read(boon, [few, lots]);

const hand = speeds[1] ?? [];
await writeTable(
  'credits',
  [
    table([
      [
        `${CALLERS} at once, a unit a call`,
        'calls a second of one customer',
        '',
        `of ${whole(CUSTOMERS)} customers`,
        '',
      ],
      ...contestants.map(({ what }, index) => [
        what,
        ...(speeds[index] ?? []).flatMap((speed, column) => [whole(speed), times(speed / (hand[column] ?? 0))]),
      ]),
    ]),
    table([
      ['`meterBalance` over HTTP, one at a time', 'median'],
      [`after ${FEW} events`, microseconds((readings[0] ?? 0) / 1_000)],
      [`after ${whole(EVENTS)} events`, microseconds((readings[1] ?? 0) / 1_000)],
    ]),
  ].join('\n\n'),
);

type Measure = (of: readonly string[], seconds: number) => Promise<number>;

function perSecond(url: string): { measure: Measure } {
  return {
    async measure(of, seconds) {
      const bodies = of.map((id) =>
        JSON.stringify({ query: CONSUME, variables: { input: { customer: { id }, meterId, units: '1' } } }),
      );
      return (await fire({ url, headers, bodies, connections: CALLERS, seconds })).perSecond;
    },
  };
}

/** As many callers in this process. */
function perSecondInside(): { measure: Measure } {
  return {
    async measure(of, seconds) {
      const end = performance.now() + seconds * 1_000;
      let calls = 0;
      const caller = async () => {
        while (performance.now() < end)
          await consume({ organizationId, customer: { id: of[calls++ % of.length] ?? '' }, meterId, units: '1' });
      };
      await Promise.all(Array.from({ length: CALLERS }, caller));
      return calls / seconds;
    },
  };
}

/** Calls a second of one customer and of all, of each; in turns, so that whatever else goes on strikes all alike. */
async function compete(): Promise<number[][]> {
  const taken = contestants.map((): [number[], number[]] => [[], []]);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, { what, measure }] of contestants.entries()) {
      for (const [column, of] of [[one], people].entries()) {
        const speed = await measure(of, round === 0 ? WARM_UP_SECONDS : SECONDS);
        console.error(`${round === 0 ? 'warm-up' : round} ${what}, ${whole(of.length)}: ${whole(speed)}/s`);
        if (round > 0) taken[index]?.[column]?.push(speed);
      }
    }
  }
  return taken.map((columns) => columns.map(median));
}

/** How long a balance takes to be read, in milliseconds; in turns as well. */
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
