import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Viewer } from '../../src/graphql/viewer.ts';
import { type Api, anonymous, customerViewer, merchant, openApi } from './api.ts';

let api: Api;
let ada: Viewer;
let bob: Viewer;
const ids: Record<string, string> = {};

beforeAll(async () => {
  api = await openApi();
  const keys = await api.benefit('license_keys', { activations: { limit: 3, customerAdmin: false, required: false } });
  const note = await api.benefit('custom', { note: 'Secret link', fulfillment: 'AUTOMATIC' });
  const product = await api.product([keys.id, note.id]);
  for (const name of ['ada', 'bob']) {
    const { id } = await api.customer();
    const { subscription } = await api.call(
      'createSubscription',
      { customer: { id }, productId: product.id },
      'subscription { id grants { id } }',
    );
    await api.settle(id);
    Object.assign(ids, {
      [name]: id,
      [`${name}Subscription`]: subscription.id,
      [`${name}Grant`]: subscription.grants[0].id,
    });
  }
  Object.assign(ids, { product: product.id, benefit: keys.id });
  ada = customerViewer(api.organizationId, ids.ada ?? '');
  bob = customerViewer(api.organizationId, ids.bob ?? '');
});
afterAll(() => api[Symbol.asyncDispose]());

const codes = async (document: string, as: Viewer, variables: object = ids) =>
  (await api.ask(document, variables, as)).errors.map((error) => error.extensions.code);

const MERCHANTS_ONLY = [
  'customers { totalCount }',
  'customer(by: { id: "x" }) { id }',
  'benefits { totalCount }',
  'benefitGrants { totalCount }',
  'products { totalCount }',
  'licenseKey(key: "x") { id }',
  'subscriptions { totalCount }',
  'orders { totalCount }',
  'accessTokens { totalCount }',
  'mails { totalCount }',
  'usageEvents { totalCount }',
  'currentOrganization { id }',
  'previewEntitlements(change: { deleteBenefit: { id: "x" } }) { customers }',
];

describe('without a token', () => {
  test.each([...MERCHANTS_ONLY, 'currentCustomer { id }', 'node(id: "x") { id }'])(
    '%s is unauthenticated',
    async (field) => {
      expect(await codes(`{ ${field} }`, anonymous)).toEqual(['UNAUTHENTICATED']);
    },
  );
});

describe('a customer session', () => {
  test.each(MERCHANTS_ONLY)('may not ask %s', async (field) => {
    expect(await codes(`{ ${field} }`, ada)).toEqual(['FORBIDDEN']);
  });

  test.each([
    'metadata',
    'grants { edges { node { stopReason } } }',
    'grants { edges { node { history { totalCount } } } }',
    'grants { edges { node { benefit { metadata } } } }',
    'grants { edges { node { benefit { ... on CustomBenefit { note } } } } }',
    'grants { edges { node { benefit { rollouts { id } } } } }',
    'subscriptions { edges { node { product { metadata } } } }',
    'organization { graceDays }',
    'organization { liveCursor }',
  ])('does not see %s', async (selection) => {
    expect(await codes(`{ currentCustomer { ${selection} } }`, ada)).toContain('FORBIDDEN');
  });

  test('sees by id what is theirs and nothing else', async () => {
    const document = 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    const asked = [
      ids.ada,
      ids.adaSubscription,
      ids.adaGrant,
      ids.bob,
      ids.bobSubscription,
      ids.bobGrant,
      ids.product,
      ids.benefit,
    ];
    const { nodes } = await api.get(document, { ids: asked }, ada);
    expect(nodes.map((node: { id: string } | null) => node?.id ?? null)).toEqual([
      ids.ada,
      ids.adaSubscription,
      ids.adaGrant,
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  test('sees what was delivered only while they are entitled to it', async () => {
    const document = '{ currentCustomer { grants { edges { node { instructions delivery { __typename } } } } } }';
    const before = await api.get(document, {}, bob);
    expect(before.currentCustomer.grants.edges).toMatchObject([
      { node: { delivery: { __typename: 'LicenseKeysDelivery' } } },
      { node: { instructions: 'Secret link' } },
    ]);
    await api.call('cancelSubscription', { id: ids.bobSubscription, atPeriodEnd: false }, '__typename');
    const after = await api.get(document, {}, bob);
    expect(after.currentCustomer.grants.edges).toEqual([
      { node: { instructions: null, delivery: null } },
      { node: { instructions: null, delivery: null } },
    ]);
  });

  test('who may not deactivate machines sees them under ids that deactivate nothing', async () => {
    const document = `{ currentCustomer { grants(first: 1) { edges { node { delivery { ... on LicenseKeysDelivery {
      licenseKey { key activations(first: 1) { totalCount pageInfo { endCursor hasNextPage } edges { node { id label } } } } } } } } } } }`;
    const read = async () =>
      (await api.get(document, {}, ada)).currentCustomer.grants.edges[0].node.delivery.licenseKey;
    const { key } = await read();
    const machines = [];
    for (const label of ['one', 'two']) {
      api.passTime(1);
      const { activation } = await api.call('activateLicenseKey', { key, label }, 'activation { id }', anonymous);
      machines.push(activation.id);
    }
    const { activations } = await read();
    expect(activations).toMatchObject({
      totalCount: 2,
      pageInfo: { hasNextPage: true },
      edges: [{ node: { label: 'one' } }],
    });
    const [{ node }] = activations.edges;
    expect(machines).not.toContain(node.id);
    expect(Buffer.from(activations.pageInfo.endCursor, 'base64url').toString()).toBe(node.id);
    expect(await api.call('deactivateLicenseKey', { activationId: node.id }, '__typename', ada)).toMatchObject({
      __typename: 'NotFoundError',
    });
    const rest = await api.get(
      document.replace('first: 1) { total', `first: 1, after: "${activations.pageInfo.endCursor}") { total`),
      {},
      ada,
    );
    expect(rest.currentCustomer.grants.edges[0].node.delivery.licenseKey.activations.edges).toMatchObject([
      { node: { label: 'two' } },
    ]);
  });
});

describe('a token with scopes', () => {
  const limited = (...scopes: string[]) => merchant(api.organizationId, ...scopes);

  test('does what its scopes say and nothing else', async () => {
    expect(await codes('{ customers { totalCount } benefits { totalCount } }', limited('customers:read'))).toEqual([
      'FORBIDDEN',
    ]);
    expect(await codes('{ benefits { totalCount } }', limited('benefits:read'))).toEqual([]);
    expect(
      await codes('mutation { createProduct(input: { name: "x" }) { __typename } }', limited('products:read')),
    ).toEqual(['FORBIDDEN']);
  });

  test('says which scope is lacking', async () => {
    const { errors } = await api.ask('{ orders { totalCount } }', {}, limited('customers:read'));
    expect(errors[0]?.message).toContain('orders:read');
  });

  test('reads what it may write', async () => {
    expect(await codes('{ products { totalCount } }', limited('products:write'))).toEqual([]);
  });

  test('does not show license keys without licenses:read', async () => {
    const document =
      'query($ada: ID!) { customer(by: { id: $ada }) { grants { edges { node { delivery { ... on LicenseKeysDelivery { licenseKey { displayKey key } } } } } } } }';
    expect(await codes(document, limited('customers:read'))).toEqual(['FORBIDDEN']);
    expect(await codes(document, limited('customers:read', 'licenses:read'))).toEqual([]);
  });

  test('does not learn of ids that deactivate machines without licenses:read', async () => {
    const document = `query($ada: ID!) { customer(by: { id: $ada }) { grants { edges { node { delivery {
      ... on LicenseKeysDelivery { licenseKey { activations { edges { node { id label } } } } } } } } } } }`;
    const machines = async (as: Viewer) => {
      const [{ node }] = (await api.get(document, ids, as)).customer.grants.edges;
      return node.delivery.licenseKey.activations.edges.map((edge: { node: object }) => edge.node);
    };
    const known = await machines(limited('customers:read', 'licenses:read'));
    const veiled = await machines(limited('customers:read'));
    expect(known).toMatchObject([{ label: 'one' }, { label: 'two' }]);
    expect(veiled).toMatchObject([{ label: 'one' }, { label: 'two' }]);
    expect(await api.call('deactivateLicenseKey', { activationId: veiled[0].id }, '__typename')).toMatchObject({
      __typename: 'NotFoundError',
    });
    expect(
      await codes(document.replace('activations {', 'history {').replace('id label', 'id'), limited('customers:read')),
    ).toEqual(['FORBIDDEN']);
  });

  test('does not find by id what it may not read', async () => {
    const { node } = await api.get('query($ada: ID!) { node(id: $ada) { id } }', ids, limited('orders:read'));
    expect(node).toBeNull();
  });

  test('cannot make a token that may do more', async () => {
    const widened = { __typename: 'InvalidInputError', path: ['scopes'] };
    const as = limited('tokens:write', 'customers:read');
    expect(await api.call('createAccessToken', { name: 'x' }, 'token', as)).toMatchObject(widened);
    expect(await api.call('createAccessToken', { name: 'x', scopes: ['orders:write'] }, 'token', as)).toMatchObject(
      widened,
    );
    expect(
      await api.call(
        'createAccessToken',
        { name: 'x', scopes: ['customers:read'] },
        'token accessToken { scopes }',
        as,
      ),
    ).toMatchObject({
      token: expect.stringMatching(/^boon_at_/),
      accessToken: { scopes: ['customers:read'] },
    });
  });

  test('does not get one either by repeating the call that made it', async () => {
    const made = { name: 'Continuous integration', idempotencyKey: 'continuous integration' };
    expect(await api.call('createAccessToken', made, 'token')).toMatchObject({ token: expect.any(String) });
    expect(await api.call('createAccessToken', made, 'token', limited('tokens:write'))).toMatchObject({
      __typename: 'InvalidInputError',
      path: ['scopes'],
    });
  });

  test('one field that is refused leaves the others their answers', async () => {
    const { data, errors } = await api.ask(
      '{ customers { totalCount } benefits { totalCount } }',
      {},
      limited('customers:read'),
    );
    expect(data).toEqual({ customers: { totalCount: 2 }, benefits: null });
    expect(errors).toMatchObject([{ path: ['benefits'], extensions: { code: 'FORBIDDEN' } }]);
  });
});
