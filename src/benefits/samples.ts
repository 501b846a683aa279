import { InvalidInputError } from '../lib/errors.ts';
import { newId } from '../lib/id.ts';
import type { Kind } from './kind.ts';
import { bodyOf } from './webhook-reader.ts';

/** What an event of each type would tell, if it were about an example. */
const SAMPLES: Record<string, (about: Example) => object> = {
  'benefit.created': ({ benefit }) => ({ benefit }),
  'benefit.updated': ({ benefit }) => ({ benefit }),
  'benefit.deleted': ({ benefit, now }) => ({ benefit: { ...benefit, deletedAt: now } }),
  'benefit_grant.created': ({ grant, customer, benefit }) => ({ grant, customer, benefit }),
  'benefit_grant.updated': ({ granted, customer, benefit }) => ({
    grant: granted,
    customer,
    benefit,
    changed: ['state'],
  }),
  'benefit_grant.cycled': ({ granted, customer, benefit }) => ({ grant: granted, customer, benefit }),
  'benefit_grant.revoked': ({ granted, customer, benefit, now }) => ({
    grant: { ...granted, state: 'REVOKED', revokedAt: now },
    customer,
    benefit,
  }),
  'customer.created': ({ customer }) => ({ customer }),
  'customer.updated': ({ customer }) => ({ customer }),
  'customer.state_changed': ({ customer, granted, benefit }) => ({
    customer,
    subscriptions: [],
    grants: [{ ...granted, benefit }],
    meters: [],
  }),
  'credit_balance.changed': ({ balance }) => ({ balance }),
  'credit_balance.low': ({ balance }) => ({ balance, threshold: { id: 'thr_example', units: null, percent: '20' } }),
  'credit_balance.depleted': ({ balance }) => ({ balance: { ...balance, consumed: '100', balance: '0' } }),
};

interface Wanted {
  organizationId: string;
  type: string;
  now: Date;
}

/** The body of a message about something that never happened, and says so; what it is about is some kind's example. */
export function sampleBody(kinds: readonly Kind[], { organizationId, type, now }: Wanted): (id: string) => string {
  const sample = Object.hasOwn(SAMPLES, type) ? SAMPLES[type] : undefined;
  const [kind] = kinds;
  if (!sample || !kind) {
    throw new InvalidInputError(`There are tests of ${Object.keys(SAMPLES).join(', ')}.`, ['type']);
  }
  const data = JSON.parse(JSON.stringify(sample(exampleOf(kind, organizationId, now))));
  return (id) => JSON.stringify({ ...JSON.parse(bodyOf(kinds, { id, type, data, occurredAt: now })), test: true });
}

type Example = ReturnType<typeof exampleOf>;

function exampleOf(kind: Kind, organizationId: string, now: Date) {
  const times = { createdAt: now, updatedAt: now };
  const customer = {
    id: newId('customer', now),
    organizationId,
    externalId: 'example',
    email: 'example@example.com',
    name: 'Example',
    metadata: {},
    ...times,
  };
  const benefit = {
    id: newId('benefit', now),
    organizationId,
    type: kind.type,
    description: kind.example.description,
    metadata: {},
    properties: kind.properties.parse(kind.example.properties),
    version: 1,
    deletedAt: null,
    ...times,
  };
  const grant = {
    id: newId('grant', now),
    organizationId,
    customerId: customer.id,
    benefitId: benefit.id,
    subscriptionId: null,
    orderId: null,
    manualGrantId: newId('manualGrant', now),
    position: 0,
    state: 'CREATED',
    entitledUntil: null,
    grantedAt: null as Date | null,
    revokedAt: null,
    attentionCode: null,
    held: null,
    ...times,
  };
  const balance = {
    id: newId('creditBalance', now),
    organizationId,
    customerId: customer.id,
    externalCustomerId: customer.externalId,
    meterId: newId('meter', now),
    meterName: 'API calls',
    credited: '100',
    consumed: '80',
    balance: '20',
    held: '0',
    overage: '0',
    nextExpiryAt: null,
    ...times,
  };
  return { customer, balance, benefit, grant, granted: { ...grant, state: 'ACTIVE', grantedAt: now }, now };
}
