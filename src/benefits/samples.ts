import * as licenseKeys from '../domain/licenses/keys.ts';
import { InvalidInputError } from '../lib/errors.ts';
import { after, DAY_MS } from '../lib/time.ts';
import type { Kind } from './kind.ts';
import { besideOf } from './samples/beside.ts';
import { type Example, exampleOf } from './samples/example.ts';
import { bodyOf } from './webhook-reader.ts';

type Sample = (about: Example & ReturnType<typeof besideOf>) => object;

const benefit: Sample = ({ benefit }) => ({ benefit });
const grantWith =
  (more: object, changed?: string[]): Sample =>
  ({ grant, held, customer, benefit, now }) => ({
    grant: { ...grant, held, state: 'ACTIVE', grantedAt: now, ...more },
    customer,
    benefit,
    ...(changed && { changed }),
  });
const customer: Sample = ({ customer }) => ({ customer });
const account: Sample = ({ account, customer }) => ({ account, customer });
const licenseKey =
  (more: object = {}, changed?: string[]): Sample =>
  (about) => ({
    licenseKey: { ...licenseKeys.snapshot(about.licenseKey), ...more },
    ...(changed && { changed }),
  });
const activation =
  (gone: boolean): Sample =>
  ({ licenseKey, activation, now }) => ({
    licenseKey: licenseKeys.snapshot(licenseKey),
    activation: { ...activation, deactivatedAt: gone ? now : null },
  });
const subscription =
  (more: (now: Date) => object = () => ({}), changed?: string[]): Sample =>
  ({ subscription, now }) => ({ subscription: { ...subscription, ...more(now) }, ...(changed && { changed }) });
const order: Sample = ({ order }) => ({ order });
const refund: Sample = ({ refund }) => ({ refund });
const product: Sample = ({ product }) => ({ product });
const meter: Sample = ({ meter }) => ({ meter });
const balance: Sample = ({ balance }) => ({ balance });
const integration: Sample = ({ integration }) => ({ integration });
const file =
  (ofFile: (now: Date) => object = () => ({}), ofVersion: object = {}): Sample =>
  ({ file, version, now }) => ({ file: { ...file, ...ofFile(now) }, version: { ...version, ...ofVersion } });
const UPLOADING = { status: 'UPLOADING', sha256: null, readyAt: null };
const endpoint =
  (more: (now: Date) => object = () => ({})): Sample =>
  ({ endpoint, now }) => ({ endpoint: { ...endpoint, ...more(now) } });

/** What an event of each type would tell, if it were about an example. */
const SAMPLES: Record<string, Sample> = {
  'benefit.created': benefit,
  'benefit.updated': benefit,
  'benefit.deleted': ({ benefit, now }) => ({ benefit: { ...benefit, deletedAt: now } }),
  'benefit_grant.created': grantWith({ state: 'CREATED', held: null, grantedAt: null }),
  'benefit_grant.updated': grantWith({}, ['state']),
  'benefit_grant.cycled': grantWith({}),
  'benefit_grant.revoked': (about) => grantWith({ state: 'REVOKED', revokedAt: about.now })(about),
  'customer.created': customer,
  'customer.updated': customer,
  'customer.state_changed': ({ customer, subscription, grant, held, benefit, now }) => ({
    customer,
    subscriptions: [subscription],
    grants: [{ ...grant, held, state: 'ACTIVE', grantedAt: now, benefit }],
    meters: [],
  }),
  'customer.account_linked': account,
  'customer.account_unlinked': account,
  'customer.account_chosen': account,
  'license_key.activated': activation(false),
  'license_key.deactivated': activation(true),
  'license_key.rotated': licenseKey(),
  'license_key.updated': licenseKey({ limitUsage: 100 }, ['limitUsage']),
  'license_key.disabled': licenseKey({ status: 'DISABLED' }),
  'license_key.enabled': licenseKey(),
  'subscription.created': subscription(),
  'subscription.updated': subscription((now) => ({ status: 'PAST_DUE', pastDueAt: now }), ['status', 'pastDueAt']),
  'subscription.renewed': subscription(
    (now) => ({ currentPeriodStart: now, currentPeriodEnd: after(now, 30 * DAY_MS) }),
    ['currentPeriodStart', 'currentPeriodEnd'],
  ),
  'subscription.canceled': subscription(
    (now) => ({ cancelAtPeriodEnd: true, canceledAt: now, endsAt: after(now, 30 * DAY_MS) }),
    ['cancelAtPeriodEnd', 'canceledAt', 'endsAt'],
  ),
  'subscription.uncanceled': subscription(undefined, ['cancelAtPeriodEnd', 'canceledAt', 'endsAt']),
  'subscription.revoked': subscription((now) => ({ status: 'REVOKED', endsAt: now }), ['status', 'endsAt']),
  'subscription.ended': subscription((now) => ({ status: 'CANCELED', endsAt: now }), ['status']),
  'order.created': order,
  'order.updated': ({ order }) => ({ order: { ...order, status: 'REFUNDED' } }),
  'refund.created': refund,
  'refund.updated': ({ refund }) => ({ refund: { ...refund, status: 'FAILED' } }),
  'product.created': product,
  'product.updated': product,
  'meter.created': meter,
  'meter.updated': meter,
  'meter.archived': ({ meter, now }) => ({ meter: { ...meter, archivedAt: now } }),
  'credit_balance.changed': balance,
  'credit_balance.low': ({ balance }) => ({ balance, threshold: { id: 'thr_example', units: null, percent: '20' } }),
  'credit_balance.depleted': ({ balance }) => ({ balance: { ...balance, consumed: '100', balance: '0' } }),
  'credit_balance.disagreed': ({ audit }) => ({ audit }),
  'integration.connected': integration,
  'integration.updated': integration,
  'integration.disconnected': integration,
  'file.created': file(undefined, UPLOADING),
  'file.updated': file(),
  'file.version_created': file(undefined, { ...UPLOADING, number: 2 }),
  'file.ready': file(),
  'file.failed': file(undefined, {
    status: 'FAILED',
    readyAt: null,
    failure: 'It has another SHA-256 than announced.',
  }),
  'file.archived': file((now) => ({ archivedAt: now })),
  'file.unarchived': file(),
  'file.deleted': file((now) => ({ deletedAt: now })),
  'webhook_endpoint.created': endpoint(),
  'webhook_endpoint.updated': endpoint(),
  'webhook_endpoint.enabled': endpoint(),
  'webhook_endpoint.disabled': endpoint((now) => ({ enabled: false, disabledAt: now, disabledBecause: 'FAILING' })),
  'webhook_endpoint.secret_rotated': endpoint(),
  'webhook_endpoint.deleted': endpoint(),
};

/** Every type of event that is told. */
export const EVENT_TYPES: readonly string[] = Object.keys(SAMPLES);

interface Wanted {
  organizationId: string;
  type: string;
  /** The kind whose example it is about; the first there is. */
  kind?: string;
  now: Date;
}

/** The body of a message about something that never happened, and says so; what it is about is a kind's example. */
export function sampleBody(
  kinds: readonly Kind[],
  { organizationId, type, kind: wanted, now }: Wanted,
): (id: string) => string {
  const sample = Object.hasOwn(SAMPLES, type) ? SAMPLES[type] : undefined;
  const kind = kinds.find((candidate) => candidate.type === (wanted ?? kinds[0]?.type));
  if (!sample || !kind) throw new InvalidInputError(`There are tests of ${EVENT_TYPES.join(', ')}.`, ['type']);
  const example = exampleOf(kind, organizationId, now);
  const data = JSON.parse(JSON.stringify(sample({ ...example, ...besideOf(example) })));
  return (id) => JSON.stringify({ ...JSON.parse(bodyOf(kinds, { id, type, data, occurredAt: now })), test: true });
}
