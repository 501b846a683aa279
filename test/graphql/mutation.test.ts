import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, anonymous, openApi } from './api.ts';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const create = (email: string, idempotencyKey: string) =>
  api.call('createCustomer', { email, idempotencyKey }, 'customer { id email }');

test('a create that is repeated under its key is done once and answers the same', async () => {
  const [first, second] = await Promise.all([create('ada@example.com', 'k1'), create('ada@example.com', 'k1')]);
  expect(first.__typename).toBe('CreateCustomerPayload');
  expect(second).toEqual(first);
  expect(await create('ada@example.com', 'k1')).toEqual(first);
});

test('another request under the same key is a conflict', async () => {
  await create('bob@example.com', 'k2');
  expect(await create('carol@example.com', 'k2')).toMatchObject({
    __typename: 'ConflictError',
    path: ['idempotencyKey'],
  });
});

test('a create that failed can be made again under its key', async () => {
  expect(await create('nobody', 'k3')).toMatchObject({ __typename: 'InvalidInputError' });
  expect(await create('dave@example.com', 'k3')).toMatchObject({ __typename: 'CreateCustomerPayload' });
});

test('a secret that is shown once is shown again to whoever repeats the call that made it', async () => {
  const make = () =>
    api.call('createAccessToken', { name: 'ci', idempotencyKey: 'k4' }, 'token accessToken { id name }');
  const first = await make();
  expect(await make()).toEqual(first);
  expect(first.token).toMatch(/^boon_at_/);
});

test('a create with a size of 64 bits is repeated as well', async () => {
  const make = () => api.call('createFile', { name: 'a.zip', size: '5', idempotencyKey: 'k7' }, 'file { id size }');
  const first = await make();
  expect(first).toMatchObject({ __typename: 'CreateFilePayload', file: { size: '5' } });
  expect((await make()).file).toEqual(first.file);
});

test('whatever makes something new takes an idempotency key', () => {
  const mutations = Object.entries(api.schema.getMutationType()?.getFields() ?? {});
  const lacking = mutations.filter(
    ([name, { args }]) =>
      /^(create|activate|rotate)/.test(name) &&
      !JSON.stringify(api.schema.getType(String(args[0]?.type).replace('!', ''))?.toConfig()).includes(
        'idempotencyKey',
      ),
  );
  expect(lacking.map(([name]) => name)).toEqual([]);
});

test('strangers who use the same key do not meet', async () => {
  const benefit = await api.benefit('license_keys', {
    activations: { limit: 5, customerAdmin: false, required: false },
  });
  const { customer } = await create('erin@example.com', 'k5');
  await api.call('createBenefitGrant', { customer: { id: customer.id }, benefitId: benefit.id }, '__typename');
  await api.settle(customer.id);
  const { customer: shown } = await api.get(
    'query($id: ID!) { customer(by: { id: $id }) { grants { edges { node { delivery { ... on LicenseKeysDelivery { licenseKey { key } } } } } } } }',
    { id: customer.id },
  );
  const { key } = shown.grants.edges[0].node.delivery.licenseKey;
  const activate = (label: string) =>
    api.call('activateLicenseKey', { key, label, idempotencyKey: 'one' }, 'activation { id label }', anonymous);
  const [laptop, again, desktop] = [await activate('laptop'), await activate('laptop'), await activate('desktop')];
  expect(again).toEqual(laptop);
  expect(desktop.activation.label).toBe('desktop');
  expect(desktop.activation.id).not.toBe(laptop.activation.id);
});

test('absent keeps, null clears', async () => {
  const { customer } = await api.call(
    'createCustomer',
    { email: 'fay@example.com', name: 'Fay', externalId: 'f', metadata: { a: 1 } },
    'customer { id }',
  );
  const update = (changes: object) =>
    api.call('updateCustomer', { id: customer.id, ...changes }, 'customer { name externalId metadata }');
  expect((await update({})).customer).toEqual({ name: 'Fay', externalId: 'f', metadata: { a: 1 } });
  expect((await update({ name: null, externalId: null, metadata: null })).customer).toEqual({
    name: null,
    externalId: null,
    metadata: {},
  });
  expect(await update({ email: null })).toMatchObject({ __typename: 'InvalidInputError', path: ['email'] });
});

test('a payload shows what was committed, also when several mutations follow each other in one request', async () => {
  const data = await api.get(
    `mutation($a: CreateProductInput!) {
      one: createProduct(input: $a) { ... on CreateProductPayload { product { id name } } }
      two: updateOrganization(input: { name: "Acme Two" }) { ... on UpdateOrganizationPayload { organization { name liveCursor } } }
      three: updateOrganization(input: { name: "Acme Three" }) { ... on UpdateOrganizationPayload { organization { name } } }
    }`,
    { a: { name: 'Pro', description: null, keepForBuyers: null } },
  );
  expect(data).toMatchObject({
    one: { product: { name: 'Pro' } },
    two: { organization: { name: 'Acme Two' } },
    three: { organization: { name: 'Acme Three' } },
  });
});

test('what fails on our side is hidden behind an id that the log has too', async () => {
  const { database } = api.services;
  const lookUpEach = () => Promise.reject(new Error('relation "Customer" does not exist'));
  api.services.database = { ...database, lookUpEach };
  const { data, errors } = await api.ask('query { customer(by: { id: "cus_1" }) { id } }');
  api.services.database = database;
  expect(data).toEqual({ customer: null });
  const [{ message, extensions }] = errors as [(typeof errors)[0]];
  expect(extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId: expect.stringMatching(/^request-/) });
  expect(message).toContain(extensions.requestId as string);
  expect(JSON.stringify(errors)).not.toContain('relation');
  expect(api.logged.at(-1)).toMatchObject({ facts: { requestId: extensions.requestId, error: expect.any(Error) } });
});
