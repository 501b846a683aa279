import { setTimeout as pause } from 'node:timers/promises';
import * as integrations from '../src/domain/integrations/integrations.ts';
import { insert } from '../src/platform/rows.ts';
import { openSandbox } from '../src/sandbox/sandbox.ts';
import { linked } from './providers/linked.ts';
import { openNeighbour, type Took } from './providers/neighbour.ts';
import { openBoon } from './support/boon.ts';
import { createBenefit, createProduct, setBenefits } from './support/catalog.ts';
import { cpuSeconds, databaseCpuSeconds } from './support/cpu.ts';
import { median, milliseconds, percentile, table, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';
import { seedSubscribers } from './support/subscribers.ts';

/**
 * Access at an emulated GitHub and Discord, within the limits of both, to many customers at once: how long it takes
 * beside what the limits allow, with how many calls beside the fewest there are, and what others notice of it. The
 * emulated world runs faster than ours, and so does Boon's clock. As nobody computes while somebody else does, what
 * others notice is held against queries that make Boon and PostgreSQL compute as much: those stand in no line.
 */
const CUSTOMERS = Number(process.argv[2] ?? 5_000);
const SPEED = Number(process.argv[3] ?? 6);
/** Fifty a day may be invited to one. */
const CUSTOMERS_A_REPOSITORY = 25;
const REPOSITORIES = Math.ceil(CUSTOMERS / CUSTOMERS_A_REPOSITORY);
/** Each may be sent 500 invitations an hour. */
const OWNERS = 10;
const SERVERS = 2;
/** A server takes ten new holders of roles in as many seconds. */
const ROLES_A_SECOND = 1;
/** An invitation, and a role, with no look at what stood there before. */
const FEWEST_CALLS = 2;
const TURNS = 5;
/** In each turn. */
const IDLE_MS = 5_000;
const READING_MS = 15_000;
/** Before anything is measured. */
const WARM_UP_MS = 10_000;
const QUERY_EVERY_MS = 2;
/** As many are sent, or none, before it is looked again how much was computed. */
const QUERIES_A_LOOK = 10;
/** How often what was given is counted. */
const COUNT_MS = 250;
const TELL_MS = 5_000;

const READ = `query ($by: CustomerBy!) {
  customer(by: $by) { id email grants(first: 10) { edges { node { id state benefit { id description } } } } } }`;

const began = Date.now();
await using sandbox = await openSandbox({ speed: SPEED });
const { github: hub, discord: realm } = sandbox;
const owners = Array.from({ length: OWNERS }, (_, index) => hub.addOrganization(`shop-${index}`));
for (const { login } of owners) hub.install(login);
const servers = Array.from({ length: SERVERS }, (_, index) => realm.addGuild(`Club ${index}`, { roles: ['Member'] }));

const world = { WORLD_BEGAN: String(began), WORLD_SPEED: String(SPEED) };
await using boon = await openBoon({ ...sandbox.environment, ...world }, 'bench/providers/fast.ts');
const { database, transaction } = boon;
await connect();
const products: Plan[] = [];
const customerIds: string[] = [];
for (let index = 0; index < REPOSITORIES; index++) products.push(await createPlan(index));
// Whether everything still stands is looked at every ten minutes: another matter, and other calls.
await database.prisma.benefit.updateMany({ data: { lookedAt: new Date('2100-01-01') } });
const neighbour = await openNeighbour(boon, hub);
const [idle, wave, reading]: [Phase, Phase, Phase] = [noPhase(), noPhase(), noPhase()];
let promised = 0;
await during(noPhase(), () => pause(WARM_UP_MS));
for (const provider of [hub, realm]) provider.forgetCalls();
// In turns, so that whatever else the machine does is done to all of them.
for (let turn = 0; turn < TURNS; turn++) {
  await during(idle, () => pause(IDLE_MS));
  await during(wave, () => give(turn));
  await during(reading, read);
}
const theirs =
  hub.calls.filter(({ path }) => path.includes('/elsewhere/')).length +
  [idle, wave, reading].reduce((sum, { invitations }) => sum + invitations.length, 0);
const calls = hub.calls.length + realm.calls.length - theirs;
const refused = [...hub.calls, ...realm.calls].filter(({ status }) => status !== null && status >= 400);
console.error(hub.counts().byRoute, realm.counts().byRoute);
await boon.stop();

const allowed = CUSTOMERS / SERVERS / ROLES_A_SECOND;
const given = table([
  [
    `${whole(CUSTOMERS)} customers, ${whole(REPOSITORIES)} repositories, two roles, at ${SPEED} times the speed`,
    'with Boon',
    'at best',
  ],
  ['time there, and what its limits take', minutes(wave.seconds * SPEED), minutes(allowed)],
  ['calls per customer, and the fewest there are', (calls / CUSTOMERS).toFixed(2), FEWEST_CALLS.toFixed(2)],
  ['refused calls', whole(refused.length), '0'],
  ['computing per customer, Boon and PostgreSQL', milliseconds((beyondIdle() * wave.seconds * 1_000) / CUSTOMERS), ''],
]);
const phases = [wave, reading, idle];
const noticed = table([
  ['another organization', 'meanwhile', 'under as much reading', 'while idle'],
  ['its license key, median', ...phases.map(({ keys }) => milliseconds(median(keys)))],
  ['95 of 100', ...phases.map(({ keys }) => milliseconds(percentile(keys, 0.95)))],
  ['its invitation, median', ...phases.map(({ invitations }) => milliseconds(median(invitations)))],
  ['95 of 100', ...phases.map(({ invitations }) => milliseconds(percentile(invitations, 0.95)))],
  ['cores that compute, of Boon and PostgreSQL', ...phases.map((one) => coresOf(one).toFixed(2))],
]);
await writeTable('providers', `${given}\n\n${noticed}`);
if (refused.length > 0) throw new Error(`Refused: ${JSON.stringify(refused.slice(0, 5))}`);

interface Plan {
  id: string;
  benefitIds: string[];
  customers: number;
}

interface Phase extends Took {
  seconds: number;
  /** Seconds that Boon and PostgreSQL computed in it. */
  computed: number;
}

function noPhase(): Phase {
  return { keys: [], invitations: [], seconds: 0, computed: 0 };
}

/** Writes down what the other organization notices while something goes on, and how much is computed for both. */
async function during(phase: Phase, work: () => Promise<unknown>): Promise<void> {
  const [before, startedAt] = [await computed(), performance.now()];
  let isOver = false;
  const bought = neighbour.buy(() => isOver);
  await work();
  phase.seconds += (performance.now() - startedAt) / 1_000;
  phase.computed += (await computed()) - before;
  isOver = true;
  const { keys, invitations } = await bought;
  phase.keys.push(...keys);
  phase.invitations.push(...invitations);
}

async function computed(): Promise<number> {
  return (await databaseCpuSeconds(database)) + (await cpuSeconds(boon.process.child.pid ?? 0));
}

/** How many cores Boon and PostgreSQL kept busy. */
function coresOf({ computed, seconds }: Phase): number {
  return computed / seconds;
}

/** The same for those who were given access alone. */
function beyondIdle(): number {
  return Math.max(0, coresOf(wave) - coresOf(idle));
}

/** What this turn's share of the products promises, given to all who have one. */
async function give(turn: number): Promise<void> {
  const share = products.filter((_, index) => index % TURNS === turn);
  for (const { id, benefitIds } of share) await setBenefits(boon, id, benefitIds);
  promised += share.reduce((sum, { customers, benefitIds }) => sum + customers * benefitIds.length, 0);
  await untilGiven();
}

/** Small queries of the organization whose customers were given access, as many as make Boon and PostgreSQL compute as much. */
async function read(): Promise<void> {
  const [before, startedAt] = [await computed(), performance.now()];
  const asked: Promise<unknown>[] = [];
  for (let ms = 0; ms < READING_MS; ms = performance.now() - startedAt) {
    const isBehind = (await computed()) - before < (coresOf(wave) * ms) / 1_000;
    for (let count = 0; count < QUERIES_A_LOOK; count++) {
      if (isBehind) asked.push(ask());
      await pause(QUERY_EVERY_MS);
    }
  }
  await Promise.all(asked);
}

function ask(): Promise<unknown> {
  return boon.ask(READ, { by: { id: customerIds[Math.floor(Math.random() * customerIds.length)] } });
}

function minutes(seconds: number): string {
  return `${(seconds / 60).toFixed(1)} min`;
}

async function connect(): Promise<void> {
  const { organizationId } = boon;
  const both = [
    ['GITHUB', owners.map(({ id, login }) => ({ placeId: String(id), name: login }))],
    ['DISCORD', servers.map(({ id, name }) => ({ placeId: id, name }))],
  ] as const;
  for (const [provider, places] of both)
    await transaction((tx) => integrations.connect(tx, { organizationId, provider, places }));
}

/** A product that everybody has who is to be let into one repository, and into a server with a role. */
async function createPlan(index: number): Promise<Plan> {
  const owner = owners[index % OWNERS]?.login ?? '';
  const server = servers[index % SERVERS];
  const name = `code-${index}`;
  hub.addRepository(`${owner}/${name}`);
  const repositories = [{ owner, name, permission: 'PULL' }];
  const roleId = server?.roles.values().find((role) => role.name === 'Member')?.id;
  const benefitIds = [
    await createBenefit(boon, { description: name, properties: { githubRepository: { repositories } } }),
    await createBenefit(boon, {
      description: name,
      properties: { discord: { guildId: server?.id, roles: [{ roleId }] } },
    }),
  ];
  const id = await createProduct(boon, name, []);
  const customers = Math.min(CUSTOMERS_A_REPOSITORY, CUSTOMERS - index * CUSTOMERS_A_REPOSITORY);
  await seed(
    id,
    server?.id ?? '',
    Array.from({ length: customers }, (_, at) => `person-${index}-${at}`),
  );
  return { id, benefitIds, customers };
}

/** Subscribers whose accounts are linked, already in the server: joining it takes a token of theirs. */
async function seed(productId: string, guildId: string, names: readonly string[]): Promise<void> {
  const { organizationId } = boon;
  const people = await seedSubscribers(
    boon,
    productId,
    names.map((name) => `${name}@example.com`),
  );
  customerIds.push(...people.map(({ customerId }) => customerId));
  await insert(
    database.prisma,
    'LinkedAccount',
    people.flatMap(({ customerId }, at) => {
      const name = names[at] ?? '';
      return (['GITHUB', 'DISCORD'] as const).map((provider) =>
        linked({ organizationId, customerId }, provider, (provider === 'GITHUB' ? hub : realm).addUser(name), name),
      );
    }),
  );
  for (const name of names) realm.join(guildId, name);
}

async function untilGiven(): Promise<void> {
  for (let told = 0; ; await pause(COUNT_MS)) {
    const where = { state: 'ACTIVE' as const, organizationId: boon.organizationId };
    const given = await database.prisma.benefitGrant.count({ where });
    if (given === promised) return;
    if (performance.now() - told < TELL_MS) continue;
    told = performance.now();
    console.error(`${given} of ${promised} given`);
  }
}
