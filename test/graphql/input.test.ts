import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as organizations from '../../src/domain/organizations.ts';
import { type Api, anonymous, merchant, openApi } from './api.ts';

let api: Api;
let stranger: ReturnType<typeof merchant>;
const ids: Record<string, string> = {};

beforeAll(async () => {
  api = await openApi();
  const other = await api.transaction((tx) => organizations.create(tx, { name: 'Other' }));
  stranger = merchant(other.id);
  const { benefit } = await api.call(
    'createBenefit',
    { description: 'Note', properties: { custom: {} } },
    'benefit { id }',
  );
  const { product } = await api.call('createProduct', { name: 'Product' }, 'product { id }');
  const { customer } = await api.call(
    'createCustomer',
    { email: 'ada@example.com', externalId: 'user_1' },
    'customer { id }',
  );
  const { subscription } = await api.call(
    'createSubscription',
    { customer: { id: customer.id }, productId: product.id },
    'subscription { id }',
  );
  const { order } = await api.call(
    'createOrder',
    { customer: { id: customer.id }, productId: product.id },
    'order { id }',
  );
  const { grant } = await api.call(
    'createBenefitGrant',
    { customer: { id: customer.id }, benefitId: benefit.id },
    'grant { id }',
  );
  Object.assign(ids, {
    benefit: benefit.id,
    product: product.id,
    customer: customer.id,
    subscription: subscription.id,
    order: order.id,
    grant: grant.id,
  });
});
afterAll(() => api[Symbol.asyncDispose]());

/** Calls a mutation that must answer this mistake, and write nothing. */
async function expectMistake(name: string, input: object, mistake: object, as = api.viewer) {
  const before = await sequence();
  expect(await api.call(name, input, '__typename', as)).toMatchObject(mistake);
  expect(await sequence()).toBe(before);
}

const sequence = async () => (await api.prisma.event.aggregate({ _count: true }))._count;

describe('kind properties that do not fit', () => {
  const create = (properties: object) => ({ description: 'One', properties });

  test.each([
    ['a prefix with spaces', { licenseKeys: { prefix: 'a b' } }, ['properties', 'licenseKeys', 'prefix']],
    [
      'a limit of none',
      { licenseKeys: { activations: { limit: 0 } } },
      ['properties', 'licenseKeys', 'activations', 'limit'],
    ],
    [
      'an expiry past 9999',
      { licenseKeys: { expires: { ttl: 9000, timeframe: 'YEAR' } } },
      ['properties', 'licenseKeys', 'expires', 'ttl'],
    ],
    ['an unknown variable', { custom: { note: '{{customer.age}}' } }, ['properties', 'custom', 'note']],
    ['a note that is too long', { custom: { note: 'x'.repeat(10_001) } }, ['properties', 'custom', 'note']],
  ])('%s names the field', (_, properties, path) =>
    expectMistake('createBenefit', create(properties), {
      __typename: 'InvalidInputError',
      code: 'INVALID_INPUT',
      path,
    }),
  );

  test('properties of another kind than the benefit’s', () =>
    expectMistake(
      'updateBenefit',
      { id: ids.benefit, properties: { licenseKeys: {} } },
      { __typename: 'ConflictError', path: ['properties', 'licenseKeys'] },
    ));

  test.each([[{}], [{ custom: {}, licenseKeys: {} }], [{ custom: null }], [{ teapot: {} }], [{ custom: { note: 5 } }]])(
    'properties that are not of one kind: %j',
    async (properties) => {
      const document = 'mutation($input: CreateBenefitInput!) { createBenefit(input: $input) { __typename } }';
      const { errors } = await api.ask(document, { input: { description: 'One', properties } });
      expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    },
  );
});

describe('ids that find nothing', () => {
  const wrong = () => ['', 'nonsense', 'cus_0', 'x'.repeat(10_000), '💥', ids.product ?? '', ids.order ?? ''];

  test('are null in a query, whoever made them up', async () => {
    for (const id of [...wrong(), '\u{fffd}']) {
      const { data, errors } = await api.ask(
        `query($id: ID!) { customer(by: { id: $id }) { id } benefit(id: $id) { id } benefitGrant(id: $id) { id } subscription(id: $id) { id } }`,
        { id },
      );
      expect({ data, errors }).toEqual({
        data: { customer: null, benefit: null, benefitGrant: null, subscription: null },
        errors: [],
      });
    }
  });

  test('are null to another organization', async () => {
    const document = `query($customer: ID! $benefit: ID! $product: ID! $subscription: ID! $order: ID! $grant: ID!) {
      customer(by: { id: $customer }) { id } benefit(id: $benefit) { id } product(id: $product) { id }
      subscription(id: $subscription) { id } order(id: $order) { id } benefitGrant(id: $grant) { id }
      nodes(ids: [$customer $benefit $product $subscription $order $grant]) { id }
      previewEntitlements(change: { cancelSubscription: { id: $subscription } }) { customers }
      benefitGrants(filter: { customerId: $customer }) { totalCount edges { node { id } } } }`;
    expect(await api.get(document, ids, stranger)).toEqual({
      customer: null,
      benefit: null,
      product: null,
      subscription: null,
      order: null,
      benefitGrant: null,
      nodes: [null, null, null, null, null, null],
      previewEntitlements: null,
      benefitGrants: { totalCount: 0, edges: [] },
    });
    expect((await api.get(document, ids)).nodes.map((node: { id: string }) => node.id)).toEqual([
      ids.customer,
      ids.benefit,
      ids.product,
      ids.subscription,
      ids.order,
      ids.grant,
    ]);
  });

  test.each([
    ['updateBenefit', () => ({ id: ids.benefit, description: 'x' }), ['id']],
    ['deleteBenefit', () => ({ id: ids.benefit }), ['id']],
    ['updateProduct', () => ({ id: ids.product, name: 'x' }), ['id']],
    ['updateProductBenefits', () => ({ id: ids.product, benefitIds: [] }), ['id']],
    ['updateCustomer', () => ({ id: ids.customer, name: 'x' }), ['id']],
    ['createSubscription', () => ({ customer: { id: ids.customer }, productId: ids.product }), ['customer']],
    ['cancelSubscription', () => ({ id: ids.subscription, atPeriodEnd: false }), ['id']],
    ['changeSubscriptionProduct', () => ({ id: ids.subscription, productId: ids.product }), ['productId']],
    ['createOrder', () => ({ customer: { email: 'ada@example.com' }, productId: ids.product }), ['customer']],
    ['createRefund', () => ({ orderId: ids.order }), ['orderId']],
    ['createBenefitGrant', () => ({ customer: { externalId: 'user_1' }, benefitId: ids.benefit }), ['customer']],
    ['revokeBenefitGrant', () => ({ id: ids.grant }), ['id']],
    ['createCustomerSession', () => ({ customer: { id: ids.customer } }), ['customer']],
    ['revokeAccessToken', () => ({ id: 'tok_1' }), ['id']],
  ])('%s is not found to another organization', (name, input, path) =>
    expectMistake(name, input(), { __typename: 'NotFoundError', code: 'NOT_FOUND', path }, stranger),
  );

  test('in a list name their place', () =>
    expectMistake(
      'updateProductBenefits',
      { id: ids.product, benefitIds: [ids.benefit, 'ben_nowhere'] },
      { __typename: 'NotFoundError', path: ['benefitIds', '1'] },
    ));
});

describe('what is taken', () => {
  test('an external id', () =>
    expectMistake(
      'createCustomer',
      { email: 'b@example.com', externalId: 'user_1' },
      { __typename: 'ConflictError', path: ['externalId'] },
    ));
  test('an e-mail address, in another case', () =>
    expectMistake('createCustomer', { email: 'ADA@example.com' }, { __typename: 'ConflictError', path: ['email'] }));
});

describe('values that are malformed', () => {
  test.each([
    ['createCustomer', { email: 'nobody' }, ['email']],
    ['createCustomer', { email: 'a@example.com', name: 'a\0b' }, ['name']],
    ['createCustomer', { email: 'a@example.com', name: '\ud800' }, ['name']],
    ['createCustomer', { email: 'a@example.com', metadata: { a: { b: 1 } } }, ['metadata', 'a']],
    ['createCustomer', { email: 'a@example.com', metadata: { 'a\0': 1 } }, ['metadata']],
    [
      'createCustomer',
      { email: 'a@example.com', metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 1])) },
      ['metadata'],
    ],
    ['createProduct', { name: '   ' }, ['name']],
    ['createAccessToken', { name: 'x', scopes: ['customers:read', 'everything'] }, ['scopes', '1']],
    ['updateOrganization', { graceDays: -1 }, ['graceDays']],
    ['updateOrganization', { name: null }, ['name']],
    ['updateOrganization', { supportEmail: 'nobody' }, ['supportEmail']],
  ])('%s %j', (name, input, path) => expectMistake(name, input, { __typename: 'InvalidInputError', path }));

  test.each([
    ['customers(first: 101) { totalCount }', ['first']],
    ['customers(first: -1) { totalCount }', ['first']],
    ['customers(after: "nonsense") { totalCount }', ['after']],
    ['benefits(after: "\\u0000") { totalCount }', ['after']],
    ['benefits(filter: { query: "\\u0000" }) { totalCount }', ['filter', 'query']],
    [`nodes(ids: [${'"a" '.repeat(101)}]) { id }`, ['ids']],
  ])('query { %s }', async (field, path) => {
    const { errors } = await api.ask(`query { ${field} }`);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', path } }]);
  });

  test.each([
    ['DateTime', 'yesterday'],
    ['DateTime', '2026-02-31T00:00:00Z'],
    ['DateTime', '2026-01-01T00:00:00'],
    ['DateTime', '9999-12-31T23:59:59-01:00'],
    ['DateTime', 5],
  ])('a variable that is no %s: %j', async (_, value) => {
    const document = 'mutation($input: CreateSubscriptionInput!) { createSubscription(input: $input) { __typename } }';
    const input = { customer: { id: ids.customer }, productId: ids.product, trialEndsAt: value };
    const { errors } = await api.ask(document, { input });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', path: ['input', 'trialEndsAt'] } }]);
  });

  test.each(['1e400', 'NaN', '', '12,5', 12.5, `${'9'.repeat(30)}`])(
    'an amount that is no Decimal: %j',
    async (amount) => {
      const document = 'mutation($input: CreateOrderInput!) { createOrder(input: $input) { __typename } }';
      const { errors } = await api.ask(document, {
        input: { customer: { id: ids.customer }, productId: ids.product, amount },
      });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', path: ['input', 'amount'] } }]);
    },
  );

  test('metadata nested more deeply than anything can be', async () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 5_000; depth++) value = [value];
    await expectMistake(
      'createCustomer',
      { email: 'a@example.com', metadata: { value } },
      { __typename: 'InvalidInputError' },
    );
  });

  test('nothing of all this was a fault of ours', () => expect(api.logged).toEqual([]));
});

test('a key nobody has is an answer, not an error', async () => {
  for (const key of ['', 'x', '\u{1f4a5}', 'A'.repeat(100_000)]) {
    const { validateLicenseKey } = await api.get(
      'query($key: String!) { validateLicenseKey(input: { key: $key }) { valid code reasons customer { id } activations { used } } }',
      { key },
      anonymous,
    );
    expect(validateLicenseKey).toEqual({
      valid: false,
      code: 'NOT_FOUND',
      reasons: ['NOT_FOUND'],
      customer: null,
      activations: null,
    });
  }
});
