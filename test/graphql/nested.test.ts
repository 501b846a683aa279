import { afterAll, beforeAll, expect, test } from 'vitest';
import { pruned } from '../operations/documents.ts';
import { type Api, openApi } from './api.ts';
import { countStatements } from './statements.ts';

let api: Api;
const customers: string[] = [];

beforeAll(async () => {
  api = await openApi();
  const benefits = [];
  for (const properties of [
    { licenseKeys: { activations: { limit: 3 } } },
    { custom: { note: 'a' } },
    { custom: { note: 'b' } },
    { licenseKeys: {} },
  ]) {
    const { benefit } = await api.call('createBenefit', { description: 'One', properties }, 'benefit { id }');
    benefits.push(benefit.id);
  }
  const [plan, once] = [await api.product(benefits), await api.product(benefits.slice(0, 1))];
  for (let number = 0; number < 20; number++) {
    const { id } = await api.customer();
    customers.push(id);
    await api.call('createSubscription', { customer: { id }, productId: plan.id }, 'subscription { id }');
    api.passTime(1);
    await api.call('createOrder', { customer: { id }, productId: once.id }, 'order { id }');
    await api.settle(id);
    const { customer } = await api.get(KEYS, { by: { id } });
    const { key } = customer.grants.edges[0].node.delivery.licenseKey;
    for (const label of ['one', 'two']) {
      api.passTime(1);
      await api.call('activateLicenseKey', { key, label }, 'activation { id }');
    }
  }
});
afterAll(() => api[Symbol.asyncDispose]());

const KEYS =
  'query($by: CustomerBy!) { customer(by: $by) { grants { edges { node { delivery { ... on LicenseKeysDelivery { licenseKey { key } } } } } } } }';

const GRANTS = `grants(first: 10) { totalCount edges { node {
  id state instructions source { __typename } benefit { id type description } customer { id }
  delivery { __typename
    ... on LicenseKeysDelivery { licenseKey { id key status activations(first: 5) { totalCount edges { node { id label } } } } }
    ... on CustomDelivery { note } } } } }
  subscriptions(first: 5) { edges { node { id status product { id name } } } }`;

const ofCustomers = (first: number) => `query { customers(first: ${first}) { edges { node { id email ${GRANTS} } } } }`;

test('customer → grants → benefit → delivery → activations costs the same number of statements for one and for twenty', async () => {
  const one = await countStatements(() => api.get(ofCustomers(1)));
  const twenty = await countStatements(() => api.get(ofCustomers(20)));
  // A subscription may come with one list before another asks for it by its id: one statement less.
  expect(twenty.length).toBeLessThanOrEqual(one.length);
  expect(one.length).toBeLessThanOrEqual(13);
});

test('the answer is the same, however many are asked for together', async () => {
  const { customers: list } = await api.get(ofCustomers(20));
  expect(list.edges).toHaveLength(20);
  for (const { node } of list.edges) {
    const { customer } = await api.get(`query($by: CustomerBy!) { customer(by: $by) { id email ${GRANTS} } }`, {
      by: { id: node.id },
    });
    expect(customer).toEqual(node);
    expect(customer.grants.totalCount).toBe(5);
    expect(customer.grants.edges[0].node.delivery.licenseKey.activations).toMatchObject({
      totalCount: 2,
      edges: [{ node: { label: 'one' } }, { node: { label: 'two' } }],
    });
  }
});

test('the documents users send cost a constant number of statements too', async () => {
  const document = pruned(api.schema, 'Customers') ?? '';
  const one = await countStatements(() => api.get(document, { first: 1 }));
  const twenty = await countStatements(() => api.get(document, { first: 20 }));
  expect(twenty).toEqual(one);
  expect(one).toHaveLength(3);
});

test('customer → grants → benefit → license key costs a statement for each, and one for what notes name', async () => {
  const list = `grants(first: 5) { edges { node { id state position benefit { id description }
    delivery { ... on LicenseKeysDelivery { licenseKey { id displayKey key } } } } } }`;
  for (const ask of [
    () => api.get(`query($by: CustomerBy!) { customer(by: $by) { id email ${list} } }`, { by: { id: customers[0] } }),
    () => api.get(`{ customers(first: 20) { edges { node { id email ${list} } } } }`),
  ])
    expect(await countStatements(ask)).toHaveLength(5);
});

test('what many ask for at the same moment is read once for all of them', async () => {
  const ask = (id?: string) =>
    api.get(`query($by: CustomerBy!) { customer(by: $by) { id grants { edges { node { id benefit { id } } } } } }`, {
      by: { id },
    });
  const alone = await countStatements(() => ask(customers[0]));
  let answers: Awaited<ReturnType<typeof ask>>[] = [];
  const together = await countStatements(async () => {
    answers = await Promise.all(customers.map(ask));
  });
  expect(together.length).toBe(alone.length);
  expect(answers.map(({ customer }) => customer.id)).toEqual(customers);
  for (const [index, answer] of answers.entries()) expect(answer).toEqual(await ask(customers[index]));
});

test('the same list under two aliases answers both', async () => {
  const { customer } = await api.get(
    `query($by: CustomerBy!) { customer(by: $by) {
      two: grants(first: 2) { totalCount pageInfo { hasNextPage endCursor } edges { node { position } } }
      all: grants { pageInfo { hasNextPage } edges { node { position } } } } }`,
    { by: { id: customers[0] } },
  );
  expect(customer.two).toMatchObject({
    totalCount: 5,
    pageInfo: { hasNextPage: true },
    edges: [{ node: { position: 0 } }, { node: { position: 1 } }],
  });
  expect(customer.all.edges).toHaveLength(5);
});
