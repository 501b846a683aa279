import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Viewer } from '../../src/graphql/viewer.ts';
import { type Api, anonymous, customerViewer, openApi } from '../graphql/api.ts';
import { pruned } from './documents.ts';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api[Symbol.asyncDispose]());

/** Sends one of the documents, as far as it is served yet. */
const send = (name: string, variables: object = {}, as?: Viewer) =>
  api.get(pruned(api.schema, name) ?? '', variables, as);

const ids: Record<string, string> = {};
const PERIOD = { currentPeriodStart: '2026-03-01T00:00:00Z', currentPeriodEnd: '2026-04-01T00:00:00Z' };

describe('a merchant sells and a customer uses, told with the documents users send', () => {
  test('CreateBenefit', async () => {
    const properties = {
      licenseKeys: { prefix: 'app', activations: { limit: 2 }, expires: { ttl: 1, timeframe: 'YEAR' }, limitUsage: 3 },
    };
    const keys = await send('CreateBenefit', {
      input: { description: 'License', properties, metadata: { tier: 'pro' } },
    });
    expect(keys.createBenefit.benefit).toMatchObject({
      type: 'LICENSE_KEYS',
      description: 'License',
      metadata: { tier: 'pro' },
      prefix: 'APP',
      expires: { ttl: 1, timeframe: 'YEAR' },
      activations: { limit: 2, customerAdmin: false, required: false },
      limitUsage: 3,
    });
    const note = await send('CreateBenefit', {
      input: { description: 'Support', properties: { custom: { note: 'Hello {{customer.name}}' } } },
    });
    expect(note.createBenefit.benefit).toMatchObject({ type: 'CUSTOM', note: 'Hello {{customer.name}}' });
    ids.keys = keys.createBenefit.benefit.id;
    ids.note = note.createBenefit.benefit.id;
  });

  test('CreateFile and CompleteFile', async () => {
    const sha256 = 'a'.repeat(64);
    const input = { name: 'template1.zip', size: '5', contentType: 'application/zip', sha256 };
    const { createFile } = await send('CreateFile', { input });
    expect(createFile).toMatchObject({
      __typename: 'CreateFilePayload',
      file: { name: 'template1.zip', status: 'UPLOADING' },
      upload: { partSize: 16_777_216, parts: [{ number: 1, url: expect.stringContaining('boon.test'), headers: [] }] },
    });
    const { id } = createFile.file;
    const upload = await api.prisma.fileVersion.findFirstOrThrow({ where: { fileId: id } });
    const place = { key: `${api.organizationId}/${upload.id}`, uploadId: upload.uploadId ?? '' };
    const etag = (await api.storage.receive(place, 1, Readable.from([Buffer.from('hello')]))) ?? '';
    const { completeFile } = await send('CompleteFile', { input: { id, parts: [{ number: 1, etag }] } });
    expect(completeFile).toEqual({
      __typename: 'CompleteFilePayload',
      file: { id, status: 'VERIFYING', size: '5', sha256 },
    });
    const { createBenefit } = await send('CreateBenefit', {
      input: { description: 'Premium templates', properties: { downloadables: { fileIds: [id] } } },
    });
    expect(createBenefit.benefit).toMatchObject({
      type: 'DOWNLOADABLES',
      files: [{ id, name: 'template1.zip', size: '5', status: 'VERIFYING' }],
    });
  });

  test('UpdateBenefit: absent keeps', async () => {
    const { updateBenefit } = await send('UpdateBenefit', { input: { id: ids.keys, description: 'License key' } });
    expect(updateBenefit.benefit).toMatchObject({
      description: 'License key',
      metadata: { tier: 'pro' },
      prefix: 'APP',
    });
  });

  test('CreateProduct and UpdateProductBenefits', async () => {
    const { createProduct } = await send('CreateProduct', { input: { name: 'Pro', keepForBuyers: true } });
    expect(createProduct.product).toMatchObject({ name: 'Pro', benefits: [] });
    ids.pro = createProduct.product.id;
    ids.light = (await send('CreateProduct', { input: { name: 'Light' } })).createProduct.product.id;
    const { updateProductBenefits } = await send('UpdateProductBenefits', {
      input: { id: ids.pro, benefitIds: [ids.note, ids.keys] },
    });
    expect(updateProductBenefits.product.benefits).toEqual([
      { id: ids.note, description: 'Support' },
      { id: ids.keys, description: 'License key' },
    ]);
    await send('UpdateProductBenefits', { input: { id: ids.light, benefitIds: [ids.note] } });
  });

  test('CreateCustomer', async () => {
    const { createCustomer } = await send('CreateCustomer', {
      input: { email: 'Ada@Example.com', externalId: 'user_1', name: 'Ada' },
    });
    expect(createCustomer.customer).toMatchObject({ externalId: 'user_1', email: 'ada@example.com', name: 'Ada' });
    ids.ada = createCustomer.customer.id;
  });

  test('CreateSubscription promises at once, in the order of the product', async () => {
    const { createSubscription } = await send('CreateSubscription', {
      input: { customer: { externalId: 'user_1' }, productId: ids.pro, ...PERIOD },
    });
    const { subscription } = createSubscription;
    expect(subscription).toMatchObject({
      status: 'ACTIVE',
      currentPeriodStart: '2026-03-01T00:00:00.000Z',
      currentPeriodEnd: '2026-04-01T00:00:00.000Z',
      cancelAtPeriodEnd: false,
    });
    expect(subscription.grants).toMatchObject([
      { state: 'CREATED', isGranted: false, position: 0, attention: null, benefit: { id: ids.note, type: 'CUSTOM' } },
      {
        state: 'CREATED',
        position: 1,
        benefit: { type: 'LICENSE_KEYS' },
        customer: { id: ids.ada, externalId: 'user_1' },
      },
    ]);
    expect(subscription.grants[0].source).toEqual({ __typename: 'CustomerSubscription', id: subscription.id });
    ids.subscription = subscription.id;
    await api.settle(ids.ada ?? '');
  });

  test('Customer shows what was delivered', async () => {
    const { customer } = await send('Customer', { by: { id: ids.ada } });
    const [note, keys] = customer.grants.edges.map((edge: { node: object }) => edge.node);
    expect(note).toMatchObject({
      state: 'ACTIVE',
      delivery: { __typename: 'CustomDelivery', note: 'Hello Ada', fulfilledAt: null },
    });
    expect(keys.delivery).toMatchObject({
      __typename: 'LicenseKeysDelivery',
      licenseKey: {
        status: 'GRANTED',
        usage: 0,
        limitUsage: 3,
        expiresAt: '2027-03-01T12:00:00.000Z',
        activations: { totalCount: 0, edges: [] },
      },
    });
    expect(keys.delivery.licenseKey.key).toMatch(/^APP-/);
    expect(customer.subscriptions.edges[0].node).toMatchObject({
      id: ids.subscription,
      product: { id: ids.pro, name: 'Pro' },
    });
    Object.assign(ids, {
      key: keys.delivery.licenseKey.key,
      licenseKey: keys.delivery.licenseKey.id,
      keysGrant: keys.id,
      noteGrant: note.id,
    });
  });

  test('Customers, Benefits and CurrentOrganization', async () => {
    const { customers } = await send('Customers', { first: 100 });
    expect(customers).toMatchObject({
      edges: [{ node: { id: ids.ada, grants: { edges: [{ node: { state: 'ACTIVE' } }, {}] } } }],
      pageInfo: { hasNextPage: false },
    });
    const { benefits } = await send('Benefits', { first: 100, filter: { type: 'CUSTOM' } });
    expect(benefits.edges).toMatchObject([{ node: { id: ids.note, note: 'Hello {{customer.name}}' } }]);
    const { currentOrganization } = await send('CurrentOrganization');
    expect(currentOrganization).toMatchObject({ id: api.organizationId, name: 'Acme', liveCursor: expect.any(String) });
  });

  test('ValidateLicenseKey, ActivateLicenseKey, DeactivateLicenseKey and ConsumeLicenseKey need no token', async () => {
    const { activateLicenseKey } = await send(
      'ActivateLicenseKey',
      { input: { key: ids.key, label: 'Laptop', fingerprint: 'f1' } },
      anonymous,
    );
    expect(activateLicenseKey).toMatchObject({
      __typename: 'ActivateLicenseKeyPayload',
      activation: { label: 'Laptop' },
    });
    const activationId = activateLicenseKey.activation.id;
    const { validateLicenseKey } = await send(
      'ValidateLicenseKey',
      { input: { key: ids.key, activationId } },
      anonymous,
    );
    expect(validateLicenseKey).toEqual({
      valid: true,
      code: 'VALID',
      reasons: [],
      usage: 0,
      limitUsage: 3,
      expiresAt: '2027-03-01T12:00:00.000Z',
      activations: { used: 1, limit: 2 },
      activation: { id: activationId, label: 'Laptop' },
      customer: { id: ids.ada, externalId: 'user_1' },
    });
    const { consumeLicenseKey } = await send('ConsumeLicenseKey', { input: { key: ids.key, units: 2 } }, anonymous);
    expect(consumeLicenseKey).toEqual({ valid: true, code: 'VALID', usage: 2, limitUsage: 3 });
    const { deactivateLicenseKey } = await send('DeactivateLicenseKey', { input: { activationId } }, anonymous);
    expect(deactivateLicenseKey).toEqual({
      __typename: 'DeactivateLicenseKeyPayload',
      activation: { id: activationId },
    });
  });

  test('UpdateLicenseKey and RotateLicenseKey', async () => {
    const { updateLicenseKey } = await send('UpdateLicenseKey', {
      input: { id: ids.licenseKey, status: 'DISABLED', limitUsage: null },
    });
    expect(updateLicenseKey.licenseKey).toMatchObject({ status: 'DISABLED', limitUsage: null });
    await send('UpdateLicenseKey', { input: { id: ids.licenseKey, status: 'GRANTED' } });
    const { rotateLicenseKey } = await send('RotateLicenseKey', { input: { id: ids.licenseKey } });
    expect(rotateLicenseKey.licenseKey.key).not.toBe(ids.key);
    ids.key = rotateLicenseKey.licenseKey.key;
  });

  test('CreateCustomerSession and Portal', async () => {
    const { createCustomerSession } = await send('CreateCustomerSession', {
      input: { customer: { email: 'ada@example.com' } },
    });
    expect(createCustomerSession).toMatchObject({
      token: expect.stringMatching(/^boon_cs_/),
      expiresAt: '2026-03-01T13:00:00.000Z',
    });
    const { currentCustomer } = await send('Portal', {}, customerViewer(api.organizationId, ids.ada ?? ''));
    expect(currentCustomer).toMatchObject({
      id: ids.ada,
      organization: { name: 'Acme' },
      subscriptions: { edges: [{ node: { status: 'ACTIVE', product: { name: 'Pro' } } }] },
    });
    expect(currentCustomer.grants.edges.map((edge: { node: object }) => edge.node)).toMatchObject([
      { instructions: 'Hello Ada', delivery: { note: 'Hello Ada' } },
      { instructions: expect.stringContaining('License key'), delivery: { licenseKey: { key: ids.key } } },
    ]);
  });
});
