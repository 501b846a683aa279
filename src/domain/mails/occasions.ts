import type { Event } from '../../../prisma/generated/client/client.ts';
import { after, DAY_MS } from '../../lib/time.ts';

/** What Boon writes about. Customers hear of all of them but the last, which is for the merchant. */
export const OCCASIONS = [
  'welcome',
  'action_needed',
  'access_ending',
  'access_removed',
  'credits_low',
  'endpoint_disabled',
] as const;

export type Occasion = (typeof OCCASIONS)[number];

export const isOccasion = (text: string): text is Occasion => OCCASIONS.includes(text as Occasion);

/** A mail to be written. */
export interface Plan {
  occasion: Occasion;
  /** Names the occasion among all of the organization. */
  key: string;
  customerId: string | null;
  subjectId: string;
  about: Record<string, string | number | null>;
  sendAt: Date;
}

/** How many days before a known end it is announced. */
const NOTICE_DAYS = [7, 1];

type LoggedEvent = Pick<Event, 'type' | 'customerId' | 'subjectId' | 'data' | 'occurredAt' | 'sequence'>;

/** The events that may be an occasion for something. */
export const HEARD = ['webhook_endpoint.disabled', 'credit_balance.low', 'benefit_grant.*'];

/** What an event is an occasion for. */
export function plansOf(event: LoggedEvent): Plan[] {
  if (event.type === 'webhook_endpoint.disabled') return endpointDisabled(event);
  if (event.type === 'credit_balance.low') return creditsLow(event);
  const grant = toldGrant(event);
  if (!grant) return [];
  const [customerId, subjectId, occurredAt] = [grant.customerId, sourceIdOf(grant), event.occurredAt];
  switch (event.type) {
    case 'benefit_grant.created':
      return [
        { occasion: 'welcome', key: welcomeKey(subjectId), customerId, subjectId, about: {}, sendAt: occurredAt },
        ...endings(grant, occurredAt),
      ];
    case 'benefit_grant.revoked': {
      const end = grant.stoppedAt ?? grant.entitledUntil ?? occurredAt.toISOString();
      const key = `access_removed:${subjectId}:${end}`;
      return [{ occasion: 'access_removed', key, customerId, subjectId, about: { end }, sendAt: occurredAt }];
    }
    default:
      return [
        ...(changes(event, 'attention') ? actionsNeeded(grant, event) : []),
        ...(changes(event, 'entitledUntil') ? endings(grant, occurredAt) : []),
      ];
  }
}

/** The purchase whose welcome may now have everything it waited for. */
export function settledSource(event: LoggedEvent): string | null {
  const grant = toldGrant(event);
  return grant && (event.type === 'benefit_grant.revoked' || changes(event, 'state') || changes(event, 'attention'))
    ? sourceIdOf(grant)
    : null;
}

/** The end that is now known of what a purchase gives; `until` null: none is known any more. */
export function knownEnd(event: LoggedEvent): { subjectId: string; until: string | null } | null {
  const grant = toldGrant(event);
  if (!grant || (grant.endReason !== null && grant.endReason !== 'SOURCE_ENDED')) return null;
  const moved = event.type === 'benefit_grant.created' || changes(event, 'entitledUntil');
  return moved ? { subjectId: sourceIdOf(grant), until: grant.entitledUntil } : null;
}

export const welcomeKey = (sourceId: string): string => `welcome:${sourceId}`;

/** A grant as events carry it: instants are text. */
interface ToldGrant {
  customerId: string;
  subscriptionId: string | null;
  orderId: string | null;
  manualGrantId: string | null;
  entitledUntil: string | null;
  endReason: string | null;
  stoppedAt: string | null;
  attentionCode: string | null;
  attentionActor: string | null;
}

const toldGrant = ({ type, data }: LoggedEvent): ToldGrant | null =>
  type.startsWith('benefit_grant.') ? ((data as { grant?: ToldGrant }).grant ?? null) : null;

const changes = ({ data }: LoggedEvent, what: string): boolean =>
  ((data as { changed?: string[] }).changed ?? []).includes(what);

const sourceIdOf = ({ subscriptionId, orderId, manualGrantId }: ToldGrant): string =>
  subscriptionId ?? orderId ?? manualGrantId ?? '';

function actionsNeeded(grant: ToldGrant, { sequence, occurredAt }: LoggedEvent): Plan[] {
  const { customerId, attentionCode: code } = grant;
  if (!code || grant.attentionActor !== 'CUSTOMER') return [];
  const about = { code, since: occurredAt.toISOString() };
  return [
    {
      occasion: 'action_needed',
      key: `action_needed:${customerId}:${code}:${sequence}`,
      customerId,
      subjectId: sourceIdOf(grant),
      about,
      sendAt: occurredAt,
    },
  ];
}

/** Announced only while there is time: an end that is nearer than the notice has no such notice. */
function endings(grant: ToldGrant, occurredAt: Date): Plan[] {
  const { entitledUntil: until, customerId } = grant;
  if (!until || grant.endReason || grant.stoppedAt) return [];
  const subjectId = sourceIdOf(grant);
  return NOTICE_DAYS.flatMap((days) => {
    const sendAt = after(new Date(until), -days * DAY_MS);
    if (sendAt <= occurredAt) return [];
    return [
      {
        occasion: 'access_ending' as const,
        key: `access_ending:${subjectId}:${until}:${days}`,
        customerId,
        subjectId,
        about: { until, days },
        sendAt,
      },
    ];
  });
}

/** Several levels that are reached at one instant are one occasion. */
function creditsLow({ subjectId, customerId, occurredAt, data }: LoggedEvent): Plan[] {
  const { balance } = data as { balance?: { meterName: string; balance: string; credited: string } };
  if (!balance) return [];
  const key = `credits_low:${subjectId}:${occurredAt.toISOString()}`;
  const about = { meter: balance.meterName, left: balance.balance, of: balance.credited };
  return [{ occasion: 'credits_low', key, customerId, subjectId, about, sendAt: occurredAt }];
}

/** Whoever disabled it themselves need not be told. */
function endpointDisabled({ subjectId, occurredAt, sequence, data }: LoggedEvent): Plan[] {
  const { endpoint } = data as { endpoint?: { url: string; disabledBecause: string | null } };
  if (!endpoint || endpoint.disabledBecause === 'MERCHANT') return [];
  const key = `endpoint_disabled:${subjectId}:${sequence}`;
  const about = { url: endpoint.url, because: endpoint.disabledBecause };
  return [{ occasion: 'endpoint_disabled', key, customerId: null, subjectId, about, sendAt: occurredAt }];
}
