import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, createClient } from '../../src/client/boon.ts';
import { uploadFile } from '../../src/client/upload.ts';
import { readProviders } from '../../src/config.ts';
import * as accounts from '../../src/domain/accounts/accounts.ts';
import { verify } from '../../src/domain/files/verification.ts';
import * as integrations from '../../src/domain/integrations/integrations.ts';
import * as manualGrants from '../../src/domain/manual-grants.ts';
import { openSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { type Node, openNode } from '../support/node.ts';
import { noise } from '../support/noise.ts';
import { post } from '../support/post.ts';
import { openBlocks } from './blocks.ts';

let sandbox: Sandbox;
let node: Node;
let connection: { url: string; token: string };
let polar: Client;
let words: Record<string, string>;

beforeAll(async () => {
  sandbox = await openSandbox({ limits: 'off' });
  const { github, discord } = sandbox;
  const myorg = github.addOrganization('myorg');
  for (const name of ['private-repo', 'repo1', 'repo2']) github.addRepository(`myorg/${name}`);
  github.install('myorg');
  const guild = discord.addGuild('Club', { roles: ['Premium', 'Supporter'] });
  const roleId = (wanted: string) => [...guild.roles.values()].find(({ name }) => name === wanted)?.id ?? '';
  node = await openNode({ providers: readProviders(sandbox.environment) });
  const { organizationId, transaction } = node;
  const show = (provider: 'GITHUB' | 'DISCORD', placeId: string, name: string) =>
    transaction((tx) => integrations.connect(tx, { organizationId, provider, places: [{ placeId, name }] }));
  await show('GITHUB', String(myorg.id), 'myorg');
  await show('DISCORD', guild.id, 'Club');
  connection = { url: node.url, token: (await node.token()).token };
  polar = createClient(connection);
  words = {
    org_xxx: organizationId,
    '123456789': guild.id,
    '987654321': roleId('Premium'),
    role1: roleId('Premium'),
    role2: roleId('Supporter'),
  };
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
});

interface Created {
  id: string;
  type: string;
  files: { id: string; name: string; status: string; upload: { parts: { url: string }[] } }[];
}

const blocks = await openBlocks('blocks.kinds.md');
const run = <Told = Created>(title: string, more: Record<string, string> = {}) =>
  blocks.run<Told>(title, { polar }, { ...words, ...more });

let people = 0;
/** Somebody new with an account on both, who is given a benefit. */
async function give(benefitId: string) {
  const { organizationId, transaction } = node;
  const { id: customerId } = await node.customer();
  const username = `somebody-${++people}`;
  const { github, discord } = sandbox;
  const link = (provider: 'GITHUB' | 'DISCORD', accountId: string | number, type: string) => {
    const identity = { accountId: String(accountId), username, scopes: [], tokens: null };
    return transaction((tx) => accounts.link(tx, { organizationId, customerId, types: [type] }, provider, identity));
  };
  await link('GITHUB', github.addUser(username).id, 'github_repository');
  await link('DISCORD', discord.addUser(username).id, 'discord');
  // A member already: who linked without a token cannot be brought in.
  discord.join(words['123456789'] ?? '', username);
  await transaction((tx) => manualGrants.create(tx, { organizationId, customerId, benefitId }));
  await node.settle(customerId);
  return { customerId, username };
}

const invited = (repository: string, username: string) => sandbox.github.invitations(`myorg/${repository}`)[username];
const rolesOf = (username: string) => sandbox.discord.rolesOf(words['123456789'] ?? '', username)?.sort();

test('access to one repository, and to several', async () => {
  const one = await run('Give access to a repository');
  expect(one.type).toBe('github_repository');
  const { username } = await give(one.id);
  expect(invited('private-repo', username)).toBe('pull');

  const { properties } = await run<{ properties: never }>('Properties of several repositories');
  const several = await polar.benefits.create({ type: 'github_repository', description: 'Both', properties });
  const { username: other } = await give(several.id);
  expect([invited('repo1', other), invited('repo2', other)]).toEqual(['pull', 'push']);
});

test('one role, and several', async () => {
  const one = await run('Give a role');
  expect(one.type).toBe('discord');
  expect(rolesOf((await give(one.id)).username)).toEqual(['Premium']);

  const { properties } = await run<{ properties: never }>('Properties of several roles');
  const several = await polar.benefits.create({ type: 'discord', description: 'Both', properties });
  expect(rolesOf((await give(several.id)).username)).toEqual(['Premium', 'Supporter']);
});

test('files: made, told where to upload each, and then downloaded', async () => {
  const benefit = await run('Give files');
  expect(benefit).toMatchObject({
    type: 'downloadables',
    files: [
      { name: 'template1.zip', status: 'UPLOADING', upload: { parts: [{ number: 1 }] } },
      { name: 'template2.psd', status: 'UPLOADING', upload: { parts: [{ number: 1 }] } },
    ],
  });
  const sizes = [5_000_000, 10_000_000];
  for (const [at, { id }] of benefit.files.entries()) {
    const source = new Blob([noise(sizes[at] ?? 0) as Uint8Array<ArrayBuffer>]);
    const check = async () => {
      const where = { fileId: id };
      await verify(node, { versionId: (await node.database.prisma.fileVersion.findFirstOrThrow({ where })).id });
    };
    const onProgress = ({ phase }: { phase: string }) => void (phase === 'VERIFYING' && check());
    await uploadFile(connection, { source, resume: id, onProgress });
  }
  const { customerId } = await give(benefit.id);
  const query = `query ($id: ID!) { customer(by: { id: $id }) { grants { edges { node { delivery {
    ... on DownloadablesDelivery { downloads { name size url } } } } } } } }`;
  const asked = { query, variables: { id: customerId } };
  const { body } = await post(node.url, { ...asked, token: connection.token });
  const { downloads } = body.data.customer.grants.edges[0].node.delivery;
  expect(downloads).toMatchObject([
    { name: 'template1.zip', size: '5000000' },
    { name: 'template2.psd', size: '10000000' },
  ]);
  const answer = await fetch(downloads[0].url);
  expect((await answer.arrayBuffer()).byteLength).toBe(5_000_000);
});

test('credits are given, and their balance is told', async () => {
  const query = `mutation { createMeter(input: { name: "API calls", aggregation: { function: COUNT } }) {
    ... on CreateMeterPayload { meter { id } } } }`;
  const { body } = await post(node.url, { query, token: connection.token });
  const meter = { meter_xxx: body.data.createMeter.meter.id };
  const benefit = await run('Give credits', meter);
  expect(benefit.type).toBe('meter_credit');
  const { customerId } = await give(benefit.id);
  expect(await run('Ask for a balance', { ...meter, cust_xxx: customerId })).toMatchObject({
    meter_id: meter.meter_xxx,
    balance: '10000',
    credited: '10000',
    consumed: '0',
    held: '0',
    overage: '0',
  });
  await expect(run('Ask for a balance', { ...meter, cust_xxx: 'cus_0' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('no block is left out', () => {
  expect([...blocks.unused]).toEqual([]);
});
