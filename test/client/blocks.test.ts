import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Client, createClient, validateEvent } from '../../src/client/boon.ts';
import * as products from '../../src/domain/products.ts';
import { type Node, openNode } from '../support/node.ts';
import { openBlocks } from './blocks.ts';

let node: Node;
let polar: Client;
let words: Record<string, string>;
const ids: Record<string, string> = {};

beforeAll(async () => {
  node = await openNode();
  polar = createClient({ url: node.url, token: (await node.token()).token });
  words = { org_xxx: node.organizationId };
});
afterAll(() => node[Symbol.asyncDispose]());

const blocks = await openBlocks('blocks.md');
const run = <Told>(title: string, names: object = {}, more: Record<string, string> = {}, answer?: string) =>
  blocks.run<Told>(title, { polar, ...names }, { ...words, ...more }, answer);

test('benefits are created', async () => {
  const keys = await run<{ id: string; type: string }>('Create license keys');
  const note = await run<{ id: string; type: string }>('Create a note');
  expect([keys.type, note.type]).toEqual(['license_keys', 'custom']);
  Object.assign(ids, { keys: keys.id, note: note.id });
  const { properties } = await node.database.prisma.benefit.findUniqueOrThrow({ where: { id: keys.id } });
  expect(properties).toMatchObject({ prefix: 'MYAPP', activations: { limit: 1 } });
});

test('they are attached, and who buys is granted them', async () => {
  const product = await node.transaction((tx) =>
    products.create(tx, { organizationId: node.organizationId, name: 'Pro' }),
  );
  const third = await polar.benefits.create({ type: 'custom', description: 'Third', properties: {} });
  const names = { productId: product.id, benefitId1: ids.keys, benefitId2: ids.note, benefitId3: third.id };
  await run('Attach benefits', names);
  const { createCustomer } = await gql(
    'createCustomer',
    { email: 'ada@example.com', externalId: 'user_1' },
    'customer { id }',
  );
  ids.customer = createCustomer.customer.id;
  await gql('createSubscription', { customer: { id: ids.customer }, productId: product.id }, 'subscription { id }');
  await node.settle(ids.customer ?? '');
  const asked = { cust_xxx: ids.customer ?? '', benefit_xxx: ids.keys ?? '' };
  const grants = await run<Awaited<ReturnType<Client['benefitGrants']['list']>>>('Query grants', {}, asked);
  expect(grants.items).toMatchObject([
    { state: 'active', is_granted: true, customer: { external_id: 'user_1' }, benefit: { type: 'license_keys' } },
  ]);
  expect(grants.pagination.total_count).toBe(1);
  const listed = await polar.benefitGrants.list({ external_customer_id: 'user_1', limit: 2 });
  expect(listed.items.map(({ benefit_id }) => benefit_id)).toEqual([ids.keys, ids.note]);
  const rest = await polar.benefitGrants.list({ external_customer_id: 'user_1', after: listed.next_cursor ?? '' });
  expect(rest.items.map(({ benefit_id }) => benefit_id)).toEqual([third.id]);
});

test('a key is validated, activated and deactivated', async () => {
  const { sealed } = await node.database.prisma.licenseKey.findFirstOrThrow({ select: { sealed: true } });
  const licenseKey = node.keyring.open(sealed);
  const key = { 'MYAPP-XXXX-XXXX-XXXX': licenseKey };
  expect(await run('Validate', {}, key)).toMatchObject({ valid: true, customer: { external_id: 'user_1' } });
  const { id: activationId } = await polar.licenses.activate(licenseKey, { label: 'Laptop' });
  await expect(run('Activate and deactivate', { licenseKey, activationId })).rejects.toMatchObject({
    code: 'LIMIT_REACHED',
  });
  await polar.licenses.deactivate(activationId);
  await run('Activate and deactivate', { licenseKey, activationId });
  expect(await run('Validate', {}, key)).toMatchObject({ activations: { used: 1, limit: 1 } });

  const process = { env: { POLAR_ORG_ID: node.organizationId } };
  const validateLicense = await run<(key: string) => Promise<object>>(
    'Validate in an application',
    { process },
    {},
    'validateLicense',
  );
  expect(await validateLicense(licenseKey)).toMatchObject({ valid: true, customer: { id: ids.customer } });
  expect(await validateLicense('NOBODY')).toEqual({ valid: false, reason: 'Invalid license' });
  expect(await polar.licenses.consume({ key: licenseKey, units: 2, idempotency_key: 'a' })).toMatchObject({ usage: 2 });
  expect((await polar.licenses.checkout({ key: licenseKey, ttl_seconds: 60 })).license).toMatch(/^ey/);
});

test('the portal is opened', async () => {
  const session = await run<{ customer_portal_url: string }>('Open the portal', { userId: 'user_1' });
  expect(session.customer_portal_url).toContain(node.url);
});

test.each(['github_repository', 'discord'])('webhooks are heard of %s', async (type) => {
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const customer = { external_id: 'user_1', email: 'ada@example.com' };
  const heard = vi.fn();
  for (const of of ['created', 'revoked']) {
    const sent = {
      type: `benefit_grant.${of}`,
      timestamp: new Date().toISOString(),
      data: { benefit: { type }, customer },
    };
    const [body, headers] = signed(JSON.stringify(sent), secret);
    expect(() => validateEvent(`${body} `, headers, secret)).toThrow('signature');
    const event = validateEvent(body, headers, secret);
    await run('Hear of roles', { event, sendDiscordInvite: heard, notifyRoleRemoval: heard }, {}, 'null');
    const app = { post: (_path: string, answer: (req: object, res: object) => unknown) => routes.push(answer) };
    const routes: ((req: object, res: object) => unknown)[] = [];
    await run('Hear of repositories', { app, validateEvent, secret, updateGitHubAccess: heard }, {}, 'null');
    const json = vi.fn();
    await routes[0]?.({ body, headers }, { json });
    expect(json).toHaveBeenCalledWith({ received: true });
  }
  expect(heard.mock.calls).toEqual(type === 'discord' ? [['ada@example.com'], ['user_1']] : [['user_1', true]]);
});

test('mistakes say which they are', async () => {
  const elsewhere = { type: 'custom', description: 'x', properties: {}, organization_id: 'org_other' } as const;
  await expect(polar.benefits.create(elsewhere)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    path: ['organization_id'],
  });
  const wrong = { type: 'license_keys', description: 'x', properties: { activations: 0.5 } } as const;
  await expect(polar.benefits.create(wrong)).rejects.toMatchObject({ name: 'BoonError' });
  const nobody = createClient({ url: node.url });
  await expect(nobody.benefitGrants.list()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  const nowhere = createClient({ url: 'http://127.0.0.1:9', timeoutMs: 1_000 });
  await expect(nowhere.licenses.validate({ key: 'A' })).rejects.toMatchObject({ code: 'UNREACHABLE' });
});

test('no block is left out', () => {
  expect([...blocks.unused]).toEqual([]);
});

function signed(body: string, secret: string): [string, Record<string, string>] {
  const [id, timestamp] = ['msg_1', String(Math.floor(Date.now() / 1000))];
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return [body, { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }];
}

// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever is selected
async function gql(name: string, input: object, selection: string): Promise<any> {
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  const query = `mutation ($input: ${title}Input!) { ${name}(input: $input) { ... on ${title}Payload { ${selection} } } }`;
  const authorization = `Bearer ${(await node.token()).token}`;
  const headers = { 'content-type': 'application/json', authorization };
  const body = JSON.stringify({ query, variables: { input } });
  const response = await fetch(`${node.url}/graphql`, { method: 'POST', headers, body });
  return ((await response.json()) as { data: object }).data;
}
