import type {
  BenefitGrant,
  LicenseActivation,
  LicenseKey,
  Order,
  Product,
  Refund,
  Subscription,
} from '../../../prisma/generated/client/client.ts';
import { newId } from '../../lib/id.ts';
import { after, DAY_MS } from '../../lib/time.ts';
import type { Kind } from '../kind.ts';

export type Example = ReturnType<typeof exampleOf>;

/** One of everything that events tell of, none of which exists; the benefit is the kind's own example. */
export function exampleOf(kind: Kind, organizationId: string, now: Date) {
  const times = { createdAt: now, updatedAt: now };
  const end = after(now, 30 * DAY_MS);
  const customer = {
    id: newId('customer', now),
    organizationId,
    externalId: 'example',
    email: 'example@example.com',
    name: 'Example',
    metadata: {},
    ...times,
  };
  const customerId = customer.id;
  const benefit = {
    id: newId('benefit', now),
    organizationId,
    type: kind.type,
    description: kind.example.description,
    metadata: {},
    properties: kind.properties.parse(kind.example.properties),
    version: 1,
    deletedAt: null as Date | null,
    ...times,
  };
  const product: Product = {
    id: newId('product', now),
    organizationId,
    name: 'Example product',
    description: null,
    metadata: {},
    keepForBuyers: false,
    ...times,
  };
  const productId = product.id;
  const subscription: Subscription = {
    id: newId('subscription', now),
    organizationId,
    customerId,
    productId,
    externalId: 'sub_example',
    status: 'ACTIVE',
    currentPeriodStart: now,
    currentPeriodEnd: end,
    trialEndsAt: null,
    cancelAtPeriodEnd: false,
    canceledAt: null,
    endsAt: null,
    pastDueAt: null,
    reportedAt: null,
    ...times,
  };
  const order = {
    id: newId('order', now),
    organizationId,
    customerId,
    productId,
    externalId: 'order_example',
    status: 'PAID',
    amount: '49',
    currency: 'EUR',
    ...times,
  } satisfies { [Column in keyof Order]: unknown };
  const refund = {
    id: newId('refund', now),
    organizationId,
    orderId: order.id,
    subscriptionId: null,
    periodStart: null,
    amount: '49',
    revokeAsked: null,
    revokeBenefits: true,
    status: 'SUCCEEDED',
    ...times,
  } satisfies { [Column in keyof Refund]: unknown };
  const grant: BenefitGrant = {
    id: newId('grant', now),
    organizationId,
    customerId,
    benefitId: benefit.id,
    subscriptionId: subscription.id,
    orderId: null,
    manualGrantId: null,
    position: 0,
    state: 'CREATED',
    entitledUntil: null,
    endReason: null,
    stoppedAt: null,
    stopReason: null,
    grantedAt: null,
    revokedAt: null,
    fulfilledAt: null,
    held: null,
    appliedVersion: 0,
    appliedPeriod: null,
    attentionCode: null,
    attentionMessage: null,
    attentionActor: null,
    attempts: 0,
    retryAt: null,
    ...times,
  };
  const licenseKey: LicenseKey = {
    id: newId('licenseKey', now),
    organizationId,
    customerId,
    benefitId: benefit.id,
    grantId: grant.id,
    sealed: new Uint8Array(),
    displayKey: '****-EXAMPL',
    status: 'GRANTED',
    usage: 0,
    limitUsage: null,
    limitActivations: 2,
    customerAdmin: true,
    activationsRequired: false,
    expiresAt: null,
    overrides: [],
    ...times,
  };
  const activation: Omit<LicenseActivation, 'licenseKeyId' | 'conditions'> = {
    id: newId('activation', now),
    label: 'Example machine',
    fingerprint: null,
    meta: {},
    createdAt: now,
    deactivatedAt: null,
  };
  const held = kind.example.held ?? null;
  return { now, held, customer, benefit, product, subscription, order, refund, grant, licenseKey, activation };
}
