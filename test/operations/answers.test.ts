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

describe('a merchant’s story, told with the documents users send', () => {
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

  test('RevokeBenefitGrant is sticky, LiftBenefitGrant takes it back, RetryBenefitGrant is harmless', async () => {
    const { revokeBenefitGrant } = await send('RevokeBenefitGrant', { input: { id: ids.keysGrant, reason: 'Shared' } });
    expect(revokeBenefitGrant.grant).toMatchObject({ state: 'ACTIVE', revoking: true });
    await api.settle(ids.ada ?? '');
    const { validateLicenseKey } = await send('ValidateLicenseKey', { input: { key: ids.key } }, anonymous);
    expect(validateLicenseKey).toMatchObject({ valid: false, code: 'REVOKED' });
    const { liftBenefitGrant } = await send('LiftBenefitGrant', { input: { id: ids.keysGrant } });
    expect(liftBenefitGrant.grant).toMatchObject({ state: 'CREATED', isRevoked: false });
    await api.settle(ids.ada ?? '');
    const { retryBenefitGrant } = await send('RetryBenefitGrant', { input: { id: ids.keysGrant } });
    expect(retryBenefitGrant.grant).toMatchObject({ state: 'ACTIVE', revoking: false });
  });

  test('CreateBenefitGrant is one per customer and benefit', async () => {
    const input = {
      customer: { id: ids.ada },
      benefitId: ids.note,
      reason: 'A gift',
      expiresAt: '2026-06-01T00:00:00Z',
    };
    const { createBenefitGrant } = await send('CreateBenefitGrant', { input });
    expect(createBenefitGrant.grant.source).toEqual({
      __typename: 'ManualGrant',
      reason: 'A gift',
      expiresAt: '2026-06-01T00:00:00.000Z',
    });
    const again = await send('CreateBenefitGrant', { input: { ...input, reason: 'Another' } });
    expect(again.createBenefitGrant.grant).toMatchObject({
      id: createBenefitGrant.grant.id,
      source: { reason: 'Another' },
    });
  });

  test('BenefitGrants counts and pages', async () => {
    await api.settle(ids.ada ?? '');
    const filter = { customer: { externalId: 'user_1' }, isGranted: true };
    const { benefitGrants } = await send('BenefitGrants', { filter, first: 2 });
    expect(benefitGrants).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
    const { benefitGrants: rest } = await send('BenefitGrants', {
      filter,
      first: 2,
      after: benefitGrants.pageInfo.endCursor,
    });
    expect(rest).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: false } });
    expect(new Set([...benefitGrants.edges, ...rest.edges].map((edge) => edge.node.id)).size).toBe(3);
  });

  test('PreviewEntitlements tells and does nothing', async () => {
    const { previewEntitlements } = await send('PreviewEntitlements', {
      change: { changeSubscriptionProduct: { id: ids.subscription, productId: ids.light } },
    });
    expect(previewEntitlements).toEqual({
      customers: 1,
      granted: [],
      withdrawn: [{ benefit: { id: ids.keys }, count: 1 }],
    });
  });

  test('ChangeSubscriptionProduct withdraws what the new product lacks', async () => {
    const { changeSubscriptionProduct } = await send('ChangeSubscriptionProduct', {
      input: { id: ids.subscription, productId: ids.light },
    });
    expect(changeSubscriptionProduct.subscription).toMatchObject({ product: { id: ids.light } });
    expect(changeSubscriptionProduct.subscription.grants).toMatchObject([
      { id: ids.noteGrant, revoking: false },
      { id: ids.keysGrant, revoking: true },
    ]);
    await send('ChangeSubscriptionProduct', { input: { id: ids.subscription, productId: ids.pro } });
  });

  test('CancelSubscription, UncancelSubscription, UpdateSubscriptionStatus, RenewSubscription and RevokeSubscription', async () => {
    const { id } = { id: ids.subscription };
    const { cancelSubscription } = await send('CancelSubscription', { input: { id, atPeriodEnd: true } });
    expect(cancelSubscription.subscription).toMatchObject({
      status: 'ACTIVE',
      cancelAtPeriodEnd: true,
      endsAt: '2026-04-01T00:00:00.000Z',
    });
    const { uncancelSubscription } = await send('UncancelSubscription', { input: { id } });
    expect(uncancelSubscription.subscription).toMatchObject({ status: 'ACTIVE', cancelAtPeriodEnd: false });
    const { updateSubscriptionStatus } = await send('UpdateSubscriptionStatus', { input: { id, status: 'PAST_DUE' } });
    expect(updateSubscriptionStatus.subscription.status).toBe('PAST_DUE');
    const { renewSubscription } = await send('RenewSubscription', {
      input: { id, periodStart: '2026-04-01T00:00:00Z', periodEnd: '2026-05-01T00:00:00Z' },
    });
    expect(renewSubscription.subscription).toMatchObject({
      currentPeriodStart: '2026-04-01T00:00:00.000Z',
      currentPeriodEnd: '2026-05-01T00:00:00.000Z',
    });
    const { revokeSubscription } = await send('RevokeSubscription', { input: { id } });
    expect(revokeSubscription.subscription.status).toBe('REVOKED');
  });

  test('CreateOrder and CreateRefund', async () => {
    const { createOrder } = await send('CreateOrder', {
      input: { customer: { id: ids.ada }, productId: ids.pro, amount: '19.90', currency: 'usd' },
    });
    expect(createOrder.order).toMatchObject({
      status: 'PAID',
      grants: [{ state: 'CREATED', source: { __typename: 'Order', id: createOrder.order.id } }, {}],
    });
    const { createRefund } = await send('CreateRefund', { input: { orderId: createOrder.order.id } });
    expect(createRefund.refund).toMatchObject({ status: 'SUCCEEDED', revokeBenefits: true });
  });

  test('DeleteBenefit', async () => {
    const { deleteBenefit } = await send('DeleteBenefit', { input: { id: ids.note } });
    expect(deleteBenefit).toEqual({ __typename: 'DeleteBenefitPayload', benefit: { id: ids.note } });
  });
});
