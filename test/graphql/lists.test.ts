import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, openApi } from './api.ts';

let api: Api;
beforeAll(async () => {
  api = await openApi();
  for (let number = 0; number < 5; number++) {
    api.passTime(1);
    const { id: productId } = await api.product([]);
    const { id } = await api.customer();
    await api.call('createSubscription', { customer: { id }, productId }, '__typename');
    await api.call('createOrder', { customer: { id }, productId }, '__typename');
    await api.call('createAccessToken', { name: `token ${number}` }, '__typename');
    const { benefit } = await api.call(
      'createBenefit',
      { description: `Benefit ${number}`, properties: { custom: {} } },
      'benefit { id }',
    );
    await api.call('createBenefitGrant', { customer: { id }, benefitId: benefit.id }, '__typename');
  }
});
afterAll(() => api[Symbol.asyncDispose]());

const LISTS = ['customers', 'products', 'subscriptions', 'orders', 'accessTokens', 'benefits', 'benefitGrants'];

describe.each(LISTS)('%s', (list) => {
  const page = async (args: string) =>
    (
      await api.get(
        `{ ${list}(${args}) { totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
      )
    )[list];

  test('is walked page by page, without gap or double', async () => {
    const seen: string[] = [];
    let after = '';
    for (let pages = 1; ; pages++) {
      const { totalCount, edges, pageInfo } = await page(`first: 2${after && `, after: "${after}"`}`);
      expect(totalCount).toBe(5);
      expect(pageInfo).toEqual({
        hasNextPage: pages < 3,
        hasPreviousPage: pages > 1,
        startCursor: edges[0].cursor,
        endCursor: edges.at(-1).cursor,
      });
      seen.push(...edges.map((edge: { node: { id: string } }) => edge.node.id));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(new Set(seen).size).toBe(5);
    expect(seen).toEqual([...seen].sort().reverse());
  });

  test('can be asked for nothing but its count', async () => {
    expect(await page('first: 0')).toMatchObject({
      totalCount: 5,
      edges: [],
      pageInfo: { hasNextPage: true, endCursor: null },
    });
  });
});

test('the children of several parents are each paged for themselves', async () => {
  const { customers } = await api.get(
    '{ customers { edges { node { subscriptions(first: 1) { totalCount edges { cursor node { customer { id } } } pageInfo { hasNextPage } } id } } } }',
  );
  for (const { node } of customers.edges) {
    expect(node.subscriptions).toMatchObject({
      totalCount: 1,
      pageInfo: { hasNextPage: false },
      edges: [{ node: { customer: { id: node.id } } }],
    });
    const [{ cursor }] = node.subscriptions.edges;
    const { customer } = await api.get(
      'query($id: ID!, $after: String) { customer(by: { id: $id }) { subscriptions(first: 1, after: $after) { edges { node { id } } } } }',
      { id: node.id, after: cursor },
    );
    expect(customer.subscriptions.edges).toEqual([]);
  }
});

describe('filters', () => {
  test('of benefits', async () => {
    const count = async (filter: object) =>
      (await api.get('query($filter: BenefitFilter) { benefits(filter: $filter) { totalCount } }', { filter })).benefits
        .totalCount;
    expect(await count({ query: 'BENEFIT 3' })).toBe(1);
    expect(await count({ query: '%' })).toBe(0);
    expect(await count({ type: 'LICENSE_KEYS' })).toBe(0);
    const { benefits } = await api.get('{ benefits(first: 1) { edges { node { id } } } }');
    await api.call('deleteBenefit', { id: benefits.edges[0].node.id }, '__typename');
    expect([await count({}), await count({ includeDeleted: true })]).toEqual([4, 5]);
  });

  test('of grants', async () => {
    const { customers } = await api.get(
      '{ customers { edges { node { id email grants { edges { node { id benefit { id } } } } } } } }',
    );
    const [{ node: customer }] = customers.edges.slice(1);
    const [{ node: grant }] = customer.grants.edges;
    const find = async (filter: object) => {
      const { benefitGrants } = await api.get(
        'query($filter: BenefitGrantFilter) { benefitGrants(filter: $filter) { edges { node { id } } } }',
        { filter },
      );
      return benefitGrants.edges.map((edge: { node: { id: string } }) => edge.node.id);
    };
    expect(await find({ customer: { email: customer.email.toUpperCase() } })).toEqual([grant.id]);
    expect(await find({ customerId: customer.id, isGranted: false })).toEqual([grant.id]);
    expect(await find({ customerId: customer.id, isGranted: true })).toEqual([]);
    expect(await find({ benefitId: grant.benefit.id })).toEqual([grant.id]);
    expect(await find({ state: 'ACTIVE' })).toEqual([]);
    expect(await find({ needsAttention: true })).toEqual([]);
    expect(await find({ type: 'LICENSE_KEYS' })).toEqual([]);
    expect(
      await find({ createdAfter: '2026-03-01T12:00:00.001Z', createdBefore: '2026-03-01T12:00:00.003Z' }),
    ).toHaveLength(2);
    expect(await find({ customerId: customer.id, orderId: 'ord_none' })).toEqual([]);
    expect(await find({ customerId: customer.id, isManual: true })).toEqual([grant.id]);
    expect(await find({ customerId: customer.id, isManual: false })).toEqual([]);
  });
});

test.each([
  ['benefitGrants', 'BenefitGrantFilter', ['customerId', 'benefitId', 'subscriptionId', 'orderId', 'attentionCode']],
  ['subscriptions', 'SubscriptionFilter', ['productId', 'externalId']],
  ['orders', 'OrderFilter', ['productId', 'externalId']],
  ['benefits', 'BenefitFilter', ['productId']],
])('%s of an id that is empty are none, and not all', async (list, filter, fields) => {
  for (const field of fields) {
    const document = `query($filter: ${filter}) { ${list}(filter: $filter) { totalCount } }`;
    expect(await api.get(document, { filter: { [field]: '' } })).toEqual({ [list]: { totalCount: 0 } });
    const { totalCount } = (await api.get(document, { filter: { [field]: null } }))[list];
    expect(totalCount).toBeGreaterThan(0);
  }
});

test('a customer is meant by their external id however it was typed', async () => {
  const { customer } = await api.call(
    'createCustomer',
    { email: 'typed@example.com', externalId: ' user 1 ' },
    'customer { id externalId }',
  );
  expect(customer.externalId).toBe('user 1');
  const document = `query($by: CustomerBy!) { customer(by: $by) { id }
    subscriptions(filter: { customer: $by }) { totalCount } }`;
  for (const by of [{ externalId: 'user 1' }, { externalId: ' user 1 ' }, { email: ' Typed@Example.com' }])
    expect(await api.get(document, { by })).toMatchObject({ customer: { id: customer.id } });
  for (const by of [{ externalId: '' }, { id: '' }, { email: '' }])
    expect(await api.get(document, { by })).toEqual({ customer: null, subscriptions: { totalCount: 0 } });
});

test('the history of a grant tells what happened to it, newest first', async () => {
  const { benefitGrants } = await api.get('{ benefitGrants { edges { node { id customer { id } } } } }');
  const { node } = benefitGrants.edges.at(-1);
  await api.settle(node.customer.id);
  await api.call('revokeBenefitGrant', { id: node.id, reason: 'Shared' }, '__typename');
  await api.settle(node.customer.id);
  const { benefitGrant } = await api.get(
    'query($id: ID!) { benefitGrant(id: $id) { stopReason history { totalCount edges { node { id type sequence occurredAt data } } } } }',
    { id: node.id },
  );
  const events = benefitGrant.history.edges.map((edge: { node: { type: string } }) => edge.node);
  expect(benefitGrant.stopReason).toBe('Shared');
  expect(events[0].type).toBe('benefit_grant.revoked');
  expect(events.at(-1)).toMatchObject({
    type: 'benefit_grant.created',
    sequence: expect.stringMatching(/^\d+$/),
    data: { id: node.id, is_granted: false },
  });
});
