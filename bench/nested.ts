import { deepStrictEqual } from 'node:assert';
import { join } from 'node:path';
import * as customers from '../src/domain/customers.ts';
import * as subscriptions from '../src/domain/subscriptions/subscriptions.ts';
import { type Documents, IN_BOON, IN_POSTGRAPHILE } from './nested/questions.ts';
import { type Boon, openBoon } from './support/boon.ts';
import { createBenefit, createProduct, licenseKeys } from './support/catalog.ts';
import { start } from './support/contestant.ts';
import { cpuSeconds } from './support/cpu.ts';
import { type Measured, measure } from './support/load.ts';
import { median, microseconds, milliseconds, table, times, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';

const CUSTOMERS = 400;
const PAGE = 20;
const GRANTS = 5;
const CONNECTIONS = 16;
const WARM_UP_SECONDS = Number(process.env.SECONDS ?? 4);
const SECONDS = Number(process.env.SECONDS ?? 5);
const ROUNDS = 3;

interface Entrant {
  name: string;
  url: string;
  pid: number;
  headers: Record<string, string>;
  bodies: Record<keyof Documents, string[]>;
  answers: unknown[];
}

await using boon = await openBoon();
const ids = await sell(boon);
const peerArgs = [boon.databaseUrl, boon.secret, boon.organizationId];
await using byHand = await start(join(import.meta.dirname, 'nested', 'by-hand.ts'), peerArgs);
await using postgraphile = await start(join(import.meta.dirname, 'nested', 'postgraphile.ts'), peerArgs);
const headers = { 'content-type': 'application/json' };
const entrants = [
  await rehearse({ name: 'SQL by hand on node:http', ...byHand, headers }, IN_BOON),
  await rehearse({ name: 'PostGraphile 5', ...postgraphile, headers }, IN_POSTGRAPHILE),
  await rehearse({ name: 'Boon', url: boon.url, pid: boon.process.child.pid ?? 0, headers: boon.headers }, IN_BOON),
];
const keys = JSON.stringify(entrants[0]?.answers).match(/"key":"BENCH-/g);
deepStrictEqual(keys?.length, 2 * CUSTOMERS * GRANTS);
for (const { answers } of entrants) deepStrictEqual(answers, entrants[0]?.answers);

const rows = [['', 'asked about', 'answers/s', '× PostGraphile', 'p50', 'p99', 'CPU in Node']];
for (const [question, what] of [
  ['one', 'one customer'],
  ['many', 'twenty customers'],
] as const) {
  const results = await race(question);
  const peer = results[1]?.perSecond ?? Number.NaN;
  for (const { name, perSecond, p50, p99, node } of results) {
    rows.push([
      name,
      what,
      whole(perSecond),
      times(perSecond / peer),
      milliseconds(p50),
      milliseconds(p99),
      microseconds(node),
    ]);
  }
}
await writeTable('nested', table(rows));

interface Spent extends Measured {
  /** Seconds that Node computes for an answer. */
  node: number;
}

/** Each in turn, several times over, so that what else the machine does meets all of them alike. */
async function race(question: keyof Documents): Promise<(Spent & { name: string })[]> {
  const results = new Map<string, Spent[]>(entrants.map(({ name }) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { name, url, pid, headers, bodies } of entrants) {
      const seconds = round === 0 ? WARM_UP_SECONDS : SECONDS;
      const before = await cpuSeconds(pid);
      const load = { url, headers, bodies: bodies[question], connections: CONNECTIONS, seconds };
      const measured = await measure(load);
      const node = ((await cpuSeconds(pid)) - before) / (measured.perSecond * seconds);
      if (round > 0) results.get(name)?.push({ ...measured, node });
      console.error(`${question} ${round || 'warm-up'} ${name}: ${whole(measured.perSecond)}/s`);
    }
  }
  return entrants.map(({ name }) => {
    const rounds = results.get(name) ?? [];
    const of = (key: keyof Spent) => median(rounds.map((round) => round[key]));
    return {
      name,
      perSecond: of('perSecond'),
      p50: of('p50'),
      p99: of('p99'),
      node: of('node'),
    };
  });
}

/** Customers who hold as many license keys as there are grants to list. */
async function sell(boon: Boon): Promise<string[]> {
  const { organizationId, transaction, database } = boon;
  const benefitIds = [];
  for (let number = 1; number <= GRANTS; number++)
    benefitIds.push(await createBenefit(boon, licenseKeys(`License ${number}`)));
  const productId = await createProduct(boon, 'Five licenses', benefitIds);
  const sold: string[] = [];
  for (let number = 0; number < CUSTOMERS; number++) {
    const particulars = { organizationId, email: `customer${number}@example.com`, name: `Customer ${number}` };
    sold.push(
      await transaction(async (tx) => {
        const { id: customerId } = await customers.create(tx, particulars);
        await subscriptions.create(tx, { organizationId, customerId, productId });
        return customerId;
      }),
    );
  }
  while ((await database.prisma.benefitGrant.count({ where: { state: 'ACTIVE' } })) < CUSTOMERS * GRANTS) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await database.prisma.$executeRaw`VACUUM ANALYZE`;
  return sold;
}

/** Asks everything once, and keeps the bodies. Each page says where the next one begins. */
async function rehearse(who: Omit<Entrant, 'bodies' | 'answers'>, documents: Documents): Promise<Entrant> {
  const bodies: Entrant['bodies'] = { one: [], many: [] };
  const answers: unknown[] = [];
  const ask = async (question: keyof Documents, variables: object) => {
    const body = JSON.stringify({ query: documents[question], variables });
    const response = await fetch(who.url, { method: 'POST', headers: who.headers, body });
    const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
    if (errors) throw new Error(`${who.name}: ${JSON.stringify(errors)}`);
    bodies[question].push(body);
    answers.push(JSON.parse(JSON.stringify(data), flattened));
    return data;
  };
  for (const id of ids) await ask('one', { id });
  let after: string | undefined;
  for (let page = 0; page < CUSTOMERS / PAGE; page++)
    after = (await ask('many', { after })).customers?.pageInfo.endCursor;
  return { ...who, bodies, answers };
}

interface Data {
  customers?: { pageInfo: { endCursor: string } };
}

/** Cursors are everyone's own, and `delivery` is a word of Boon's. */
function flattened(key: string, value: unknown): unknown {
  if (key === 'pageInfo') return undefined;
  const { delivery, ...rest } = (value ?? {}) as { delivery?: { licenseKey: unknown } };
  return delivery ? { ...rest, licenseKey: delivery.licenseKey } : value;
}
