import { setTimeout as pause } from 'node:timers/promises';
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/core';
import { REST, Routes } from 'discord.js';
import { readProviders } from '../src/config.ts';
import * as accounts from '../src/domain/accounts/accounts.ts';
import * as customers from '../src/domain/customers.ts';
import * as integrations from '../src/domain/integrations/integrations.ts';
import * as subscriptions from '../src/domain/subscriptions/subscriptions.ts';
import { openSandbox } from '../src/sandbox/sandbox.ts';
import { type Boon, openBoon } from './support/boon.ts';
import { createBenefit, createProduct, note, setBenefits } from './support/catalog.ts';
import { table, whole } from './support/numbers.ts';
import { writeTable } from './support/readme.ts';

/**
 * Access at an emulated GitHub and Discord, given by Boon, beside bare clients that make the fewest calls there are: an
 * invitation, and a member with a role. Boon looks first what stood before it, and writes down what it is about to do.
 */
const CUSTOMERS = 200;
/** So that no organization's invitations, 80 a minute, are what is measured. */
const ORGANIZATIONS = 5;
const AT_ONCE = 20;
const LOOK_MS = 50;

await using sandbox = await openSandbox({ limits: 'off' });
const { github: hub, discord: realm } = sandbox;
const guild = realm.addGuild('Club', { roles: ['Member'] });
const roleId = [...guild.roles.values()].find(({ name }) => name === 'Member')?.id ?? '';
const owners = Array.from({ length: ORGANIZATIONS }, (_, index) => {
  const { id, login } = hub.addOrganization(`shop-${index}`);
  const { id: installationId } = hub.install(login);
  // Fifty may be invited to one in a day: those whom bare clients invite have their own.
  for (const name of ['code', 'other']) hub.addRepository(`${login}/${name}`);
  return { id: String(id), login, installationId };
});
const ownerOf = (index: number) => owners[index % ORGANIZATIONS] ?? (owners[0] as (typeof owners)[number]);

await using boon = await openBoon(sandbox.environment);
const given = await byBoon(boon);
await boon.stop();
const bare = await byHand();

const row = (what: string, { ms, calls }: Figures) => [
  what,
  whole((CUSTOMERS * 1_000) / ms),
  (calls / CUSTOMERS).toFixed(1),
];
await writeTable(
  'providers',
  table([
    [`${whole(CUSTOMERS)} customers: a repository and a role each`, 'customers per second', 'calls per customer'],
    row('given by Boon', given),
    row('Octokit and discord.js alone, with the fewest calls there are', bare),
  ]),
);

interface Figures {
  ms: number;
  calls: number;
}

/** From an edit that adds both benefits to what everybody has subscribed to, until everybody has them. */
async function byBoon(boon: Boon): Promise<Figures> {
  const { transaction, organizationId, database } = boon;
  const connect = (provider: 'GITHUB' | 'DISCORD', placeId: string, name: string) =>
    transaction((tx) => integrations.connect(tx, { organizationId, provider, places: [{ placeId, name }] }));
  await connect('DISCORD', guild.id, guild.name);
  for (const { id, login } of owners) await connect('GITHUB', id, login);
  const club = await createBenefit(boon, {
    description: 'Club',
    properties: { discord: { guildId: guild.id, roles: [{ roleId }] } },
  });
  const had = await createBenefit(boon, note('Support'));
  const products = [];
  for (const { login } of owners) {
    const repositories = [{ owner: login, name: 'code', permission: 'PULL' }];
    const code = await createBenefit(boon, { description: login, properties: { githubRepository: { repositories } } });
    products.push({ id: await createProduct(boon, login, [had]), benefitIds: [had, code, club] });
  }
  for (let index = 0; index < CUSTOMERS; index++)
    await subscribe(boon, index, products[index % ORGANIZATIONS]?.id ?? '');
  await untilActive(boon, CUSTOMERS);
  hub.forgetCalls();
  realm.forgetCalls();
  const startedAt = performance.now();
  for (const { id, benefitIds } of products) await setBenefits(boon, id, benefitIds);
  await untilActive(boon, CUSTOMERS * 3);
  const ms = performance.now() - startedAt;
  const waiting = await database.prisma.benefitGrant.count({ where: { attentionCode: { not: null } } });
  if (waiting > 0) throw new Error(`${waiting} grants wait for something.`);
  return { ms, calls: hub.calls.length + realm.calls.length };
}

/** A customer whose accounts are linked, already in the server: joining it takes a token of theirs. */
async function subscribe({ transaction, organizationId }: Boon, index: number, productId: string): Promise<void> {
  const [{ id, login }, member] = [hub.addUser(`person-${index}`), realm.addUser(`person-${index}`)];
  realm.join(guild.id, member.username);
  await transaction(async (tx) => {
    const email = `customer${index}@example.com`;
    const { id: customerId } = await customers.create(tx, { organizationId, email });
    for (const [provider, accountId, username] of [
      ['GITHUB', String(id), login],
      ['DISCORD', member.id, member.username],
    ] as const) {
      const owner = { organizationId, customerId, types: [] };
      await accounts.link(tx, owner, provider, { accountId, username, scopes: [], tokens: null });
    }
    await subscriptions.create(tx, { organizationId, customerId, productId });
  });
}

async function untilActive({ database }: Boon, count: number): Promise<void> {
  while ((await database.prisma.benefitGrant.count({ where: { state: 'ACTIVE' } })) < count) await pause(LOOK_MS);
}

async function byHand(): Promise<Figures> {
  const { github, discord } = readProviders(sandbox.environment);
  if (!github || !discord) throw new Error('The sandbox is not configured.');
  const rest = new REST({ api: discord.apiUrl }).setToken(discord.botToken);
  const clients = owners.map(({ installationId }) => {
    const auth = { appId: github.appId, privateKey: github.privateKey, installationId };
    return new Octokit({ baseUrl: github.apiUrl, authStrategy: createAppAuth, auth });
  });
  const people = Array.from({ length: CUSTOMERS }, (_, index) => {
    const member = realm.addUser(`other-${index}`);
    realm.join(guild.id, member.username);
    return { index, login: hub.addUser(`other-${index}`).login, memberId: member.id };
  });
  hub.forgetCalls();
  realm.forgetCalls();
  const startedAt = performance.now();
  const give = async () => {
    for (let next = people.pop(); next; next = people.pop()) {
      const { index, login: username, memberId } = next;
      await clients[index % ORGANIZATIONS]?.request('PUT /repos/{owner}/{repo}/collaborators/{username}', {
        owner: ownerOf(index).login,
        repo: 'other',
        username,
        permission: 'pull',
      });
      await rest.put(Routes.guildMemberRole(guild.id, memberId, roleId));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, give));
  return { ms: performance.now() - startedAt, calls: hub.calls.length + realm.calls.length };
}
