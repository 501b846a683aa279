import type { Kind } from './kind.ts';

/** An event as it stands in the log. */
export interface LoggedEvent {
  type: string;
  data: unknown;
}

type Json = Record<string, unknown>;

/**
 * The JSON that the outside hears of an event: snake_case names as consumers of the format already parse them, with
 * what a kind says about its benefits and grants rendered by the kind itself.
 */
export function wire(kinds: readonly Kind[], event: LoggedEvent): Json {
  const data = event.data as Json;
  if (event.type.startsWith('benefit_grant.')) return grantOf(kinds, data);
  if (event.type.startsWith('benefit.')) return benefitOf(kinds, data.benefit as Json);
  if (event.type.startsWith('customer.')) return customerOf(data.customer as Json);
  const [subject, ...others] = Object.entries(data);
  return snake({ ...(subject?.[1] as Json), ...Object.fromEntries(others) });
}

function grantOf(kinds: readonly Kind[], data: Json): Json {
  const { grant, customer, benefit, changed } = data as { grant: Json; customer: Json; benefit: Json; changed?: string[] };
  const kind = kinds.find((candidate) => candidate.type === benefit.type);
  const { held, attentionCode, attentionMessage, attentionActor, attempts, retryAt, ...rest } = grant;
  return {
    id: rest.id,
    created_at: rest.createdAt,
    modified_at: rest.updatedAt,
    granted_at: rest.grantedAt,
    is_granted: rest.state === 'ACTIVE',
    revoked_at: rest.revokedAt,
    is_revoked: rest.state === 'REVOKED',
    subscription_id: rest.subscriptionId,
    order_id: rest.orderId,
    manual_grant_id: rest.manualGrantId,
    customer_id: rest.customerId,
    benefit_id: rest.benefitId,
    state: lower(rest.state),
    position: rest.position,
    entitled_until: rest.entitledUntil,
    attention: attentionCode ? snake({ code: attentionCode, message: attentionMessage, actor: lower(attentionActor), attempts, retryAt }) : null,
    error: attentionCode ? { message: attentionMessage, type: attentionCode, timestamp: rest.updatedAt } : null,
    customer: customerOf(customer),
    benefit: benefitOf(kinds, benefit),
    properties: kind?.wire.grant(held as Json | null) ?? {},
    ...(changed && { changed: changed.map(snakeName) }),
  };
}

function benefitOf(kinds: readonly Kind[], benefit: Json): Json {
  const kind = kinds.find((candidate) => candidate.type === benefit.type);
  const named = { id: benefit.id as string, organizationId: benefit.organizationId as string };
  return {
    id: benefit.id,
    created_at: benefit.createdAt,
    modified_at: benefit.updatedAt,
    type: benefit.type,
    description: benefit.description,
    selectable: true,
    deletable: true,
    is_deleted: benefit.deletedAt !== null,
    organization_id: benefit.organizationId,
    metadata: benefit.metadata,
    visibility: 'public',
    visibility_configurable: false,
    properties: kind?.wire.properties(benefit.properties as Json, named) ?? {},
  };
}

function customerOf(customer: Json): Json {
  return {
    id: customer.id,
    created_at: customer.createdAt,
    modified_at: customer.updatedAt,
    metadata: customer.metadata,
    external_id: customer.externalId,
    email: customer.email,
    email_verified: false,
    type: 'individual',
    name: customer.name,
    billing_name: null,
    billing_address: null,
    tax_id: null,
    organization_id: customer.organizationId,
    deleted_at: null,
    avatar_url: null,
  };
}

/** Names only, one level deep in each object; metadata and what customers wrote keep theirs. */
const snake = (value: Json): Json =>
  Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [snakeName(key), isRecord(entry) && key !== 'metadata' && key !== 'meta' ? snake(entry) : entry]),
  );

const snakeName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const lower = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);
const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
