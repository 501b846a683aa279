import { setTimeout as pause } from 'node:timers/promises';
import * as customers from '../src/domain/customers.ts';
import * as integrations from '../src/domain/integrations/integrations.ts';
import { newId } from '../src/lib/id.ts';
import { insert } from '../src/platform/rows.ts';
import { openSandbox } from '../src/sandbox/sandbox.ts';
import { openBoon, openOrganization } from './support/boon.ts';
import { createBenefit, createProduct, licenseKeys, setBenefits } from './support/catalog.ts';
import { cpuSeconds, databaseCpuSeconds } from './support/cpu.ts';
import { median, milliseconds, percentile, table, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';

/**
 * Access at an emulated GitHub and Discord, within the limits of both, to many customers at once: how long it takes
 * beside what the limits allow, with how many calls beside the fewest there are, and what others notice of it. The
 * emulated world runs faster than ours, and so does Boon's clock.
 */
const CUSTOMERS = Number(process.argv[2] ?? 5_000);
const SPEED = Number(process.argv[3] ?? 12);
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
const LOOK_MS = 5;
const PURCHASE_EVERY_MS = 250;
const PURCHASES_WHEN_IDLE = 40;
/** One of so many purchases is of access, within what its provider takes. */
const KEYS_AN_INVITATION = 4;
const OTHER_REPOSITORIES = 10;
/** How often what was given is counted. */
const COUNT_MS = 250;
const TELL_MS = 5_000;

const SUBSCRIBE = `mutation ($customer: CustomerBy!, $productId: ID!) {
  createSubscription(input: { customer: $customer, productId: $productId }) { __typename } }`;
let buyers = 0;

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
const products = [];
for (let index = 0; index < REPOSITORIES; index++) products.push(await createPlan(index));
// Whether everything still stands is looked at every ten minutes: another matter, and other calls.
await database.prisma.benefit.updateMany({ data: { lookedAt: new Date('2100-01-01') } });
const other = await openOther();
const idle = await purchases(other, PURCHASES_WHEN_IDLE, () => false);

for (const provider of [hub, realm]) provider.forgetCalls();
const before = { database: await databaseCpuSeconds(database), boon: await cpuSeconds(boon.process.child.pid ?? 0) };
const startedAt = performance.now();
let isOver = false;
const meanwhile = purchases(other, Number.POSITIVE_INFINITY, () => isOver);
for (const { id, benefitIds } of products) await setBenefits(boon, id, benefitIds);
await untilGiven();
const seconds = (performance.now() - startedAt) / 1_000;
isOver = true;
const busy = await meanwhile;
const cpu = {
  database: (await databaseCpuSeconds(database)) - before.database,
  boon: (await cpuSeconds(boon.process.child.pid ?? 0)) - before.boon,
};
const theirs = hub.calls.filter(({ path }) => path.includes('/elsewhere/')).length + busy.invitations.length;
const calls = hub.calls.length + realm.calls.length - theirs;
const refused = [...hub.calls, ...realm.calls].filter(({ status }) => status !== null && status >= 400);
console.error(hub.counts().byRoute, realm.counts().byRoute);
await boon.stop();

const allowed = CUSTOMERS / SERVERS / ROLES_A_SECOND;
await writeTable(
  'providers',
  table([
    [
      `${whole(CUSTOMERS)} customers, ${whole(REPOSITORIES)} repositories, two roles, at ${SPEED} times the speed`,
      'with Boon',
      'at best',
    ],
    ['time there, and what its limits take', minutes(seconds * SPEED), minutes(allowed)],
    ['calls per customer, and the fewest there are', (calls / CUSTOMERS).toFixed(2), FEWEST_CALLS.toFixed(2)],
    ['refused calls', whole(refused.length), '0'],
    ['computing per customer, Boon and PostgreSQL', milliseconds(((cpu.boon + cpu.database) * 1_000) / CUSTOMERS), ''],
    ['license key of another organization, median, and while idle', ...beside(median, ({ keys }) => keys)],
    ['the same, 95 of 100', ...beside(p95, ({ keys }) => keys)],
    ['invitation by another organization, median, and while idle', ...beside(median, ({ invitations }) => invitations)],
    ['the same, 95 of 100', ...beside(p95, ({ invitations }) => invitations)],
  ]),
);
if (refused.length > 0) throw new Error(`Refused: ${JSON.stringify(refused.slice(0, 5))}`);

function beside(sum: (took: number[]) => number, of: (took: Took) => number[]): string[] {
  return [busy, idle].map((took) => milliseconds(sum(of(took))));
}

function p95(took: number[]): number {
  return percentile(took, 0.95);
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
async function createPlan(index: number): Promise<{ id: string; benefitIds: string[] }> {
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
  const count = Math.min(CUSTOMERS_A_REPOSITORY, CUSTOMERS - index * CUSTOMERS_A_REPOSITORY);
  await seed(
    id,
    server?.id ?? '',
    Array.from({ length: count }, (_, at) => `person-${index}-${at}`),
  );
  return { id, benefitIds };
}

/** Subscribers whose accounts are linked, already in the server: joining it takes a token of theirs. */
async function seed(productId: string, guildId: string, names: readonly string[]): Promise<void> {
  const now = new Date();
  const { organizationId } = boon;
  const made = { organizationId, createdAt: now, updatedAt: now };
  const people = names.map((name) => ({ name, customerId: newId('customer', now) }));
  const { prisma } = database;
  await insert(
    prisma,
    'Customer',
    people.map(({ customerId, name }) => ({ ...made, id: customerId, email: `${name}@example.com` })),
  );
  await insert(
    prisma,
    'LinkedAccount',
    people.flatMap(({ customerId, name }) =>
      (['GITHUB', 'DISCORD'] as const).map((provider) => linked(organizationId, customerId, provider, name)),
    ),
  );
  for (const { name } of people) realm.join(guildId, name);
  await insert(
    prisma,
    'Subscription',
    people.map(({ customerId }) => ({
      ...made,
      id: newId('subscription', now),
      customerId,
      productId,
      status: 'ACTIVE' as const,
      currentPeriodStart: now,
    })),
  );
}

async function untilGiven(): Promise<void> {
  for (let told = 0; ; await pause(COUNT_MS)) {
    const where = { state: 'ACTIVE' as const, organizationId: boon.organizationId };
    const given = await database.prisma.benefitGrant.count({ where });
    if (given === CUSTOMERS * 2) return;
    if (performance.now() - told < TELL_MS) continue;
    told = performance.now();
    console.error(`${given} of ${CUSTOMERS * 2} given`);
  }
}

/** Somebody else, who sells license keys, and access to repositories of their own. */
async function openOther() {
  const merchant = await openOrganization(boon, boon.url);
  const { organizationId } = merchant;
  const { id, login } = hub.addOrganization('elsewhere');
  hub.install(login);
  await transaction((tx) =>
    integrations.connect(tx, { organizationId, provider: 'GITHUB', places: [{ placeId: String(id), name: login }] }),
  );
  const keys = await createProduct(merchant, 'License', [await createBenefit(merchant, licenseKeys('License'))]);
  const codes = [];
  for (let index = 0; index < OTHER_REPOSITORIES; index++) {
    hub.addRepository(`${login}/code-${index}`);
    const repositories = [{ owner: login, name: `code-${index}`, permission: 'PULL' }];
    const properties = { githubRepository: { repositories } };
    codes.push(
      await createProduct(merchant, 'Code', [await createBenefit(merchant, { description: 'Code', properties })]),
    );
  }
  return { ...merchant, keys, codes };
}

interface Took {
  keys: number[];
  invitations: number[];
}

/** Milliseconds from a purchase being sent to what it gives being there, for one purchase after the other. */
async function purchases(
  { organizationId, keys, codes, ask }: Awaited<ReturnType<typeof openOther>>,
  most: number,
  isOver: () => boolean,
): Promise<Took> {
  const took: Took = { keys: [], invitations: [] };
  const buy = async (productId: string): Promise<number> => {
    const name = `buyer${buyers++}`;
    const { id } = await transaction((tx) => customers.create(tx, { organizationId, email: `${name}@example.com` }));
    if (productId !== keys)
      await insert(database.prisma, 'LinkedAccount', [linked(organizationId, id, 'GITHUB', name)]);
    const sentAt = performance.now();
    await ask(SUBSCRIBE, { customer: { id }, productId });
    while ((await database.prisma.benefitGrant.count({ where: { customerId: id, state: 'ACTIVE' } })) === 0)
      await pause(LOOK_MS);
    return performance.now() - sentAt;
  };
  for (let count = 0; count < most && !isOver(); count++) {
    took.keys.push(await buy(keys));
    if (count % KEYS_AN_INVITATION === 0)
      took.invitations.push(await buy(codes[took.invitations.length % codes.length] ?? ''));
    await pause(PURCHASE_EVERY_MS);
  }
  return took;
}

/** An account that somebody linked, at a provider where they are known by this name from now on. */
function linked(organizationId: string, customerId: string, provider: 'GITHUB' | 'DISCORD', username: string) {
  const now = new Date();
  const { id } = provider === 'GITHUB' ? hub.addUser(username) : realm.addUser(username);
  const account = { organizationId, customerId, provider, accountId: String(id), username, scopes: [] };
  return { id: newId('linkedAccount', now), ...account, isRefused: false, inUse: true, linkedAt: now, updatedAt: now };
}
