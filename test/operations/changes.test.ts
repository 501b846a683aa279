import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Viewer } from '../../src/graphql/viewer.ts';
import { type Api, anonymous, openApi } from '../graphql/api.ts';
import { pruned } from './documents.ts';

let api: Api;
const ids: Record<string, string> = {};

beforeAll(async () => {
  api = await openApi();
  const keys = await api.benefit('license_keys', {});
  const note = await api.benefit('custom', { note: 'Hello', fulfillment: 'AUTOMATIC' });
  const [pro, light] = [await api.product([note.id, keys.id]), await api.product([note.id])];
  const { customer } = await api.call(
    'createCustomer',
    { email: 'ada@example.com', externalId: 'user_1' },
    'customer { id }',
  );
  const { subscription } = await api.call(
    'createSubscription',
    { customer: { id: customer.id }, productId: pro.id, currentPeriodEnd: '2026-04-01T00:00:00Z' },
    'subscription { id grants { id } }',
  );
  const [noteGrant, keysGrant] = subscription.grants.map((grant: { id: string }) => grant.id);
  Object.assign(ids, {
    keys: keys.id,
    note: note.id,
    pro: pro.id,
    light: light.id,
    ada: customer.id,
    subscription: subscription.id,
    noteGrant,
    keysGrant,
  });
  await api.settle(customer.id);
});
afterAll(() => api[Symbol.asyncDispose]());

/** Sends one of the documents, as far as it is served yet. */
const send = (name: string, variables: object = {}, as?: Viewer) =>
  api.get(pruned(api.schema, name) ?? '', variables, as);

const readKey = async () => {
  const { customer } = await send('Customer', { by: { id: ids.ada } });
  return customer.grants.edges[1].node.delivery.licenseKey.key;
};

describe('what was sold changes, told with the documents users send', () => {
  test('RevokeBenefitGrant is sticky, LiftBenefitGrant takes it back, RetryBenefitGrant is harmless', async () => {
    const key = await readKey();
    const { revokeBenefitGrant } = await send('RevokeBenefitGrant', { input: { id: ids.keysGrant, reason: 'Shared' } });
    expect(revokeBenefitGrant.grant).toMatchObject({ state: 'ACTIVE', revoking: true });
    await api.settle(ids.ada ?? '');
    const { validateLicenseKey } = await send('ValidateLicenseKey', { input: { key } }, anonymous);
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
