import type { WebhookDisabling, WebhookEndpoint } from '../../../prisma/generated/client/client.ts';
import { checkText } from '../../lib/checks.ts';
import { differences } from '../../lib/difference.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import { newSigningSecret } from '../../lib/signature.ts';
import { after, DAY_MS } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { isTypeOrFamily } from '../events.ts';
import * as due from './due.ts';

/** An endpoint without what it signs with. */
export type Endpoint = Omit<WebhookEndpoint, 'secret' | 'oldSecret'>;

const DESCRIPTION_CHARACTERS = 500;
const MOST_TYPES = 50;
/** How long a secret that was rotated away still signs beside the new one. */
const ROTATION_MS = DAY_MS;

/** Untroubled: what an endpoint is when it begins, succeeds, or is told to try anew. */
export const NO_TROUBLES = { failures: 0, failingSince: null, retryAt: null } as const;

interface Named {
  organizationId: string;
  id: string;
}

/** A new endpoint. It hears what happens from now on. Its secret is in this answer and nowhere else. */
export async function create(
  tx: Tx,
  input: { organizationId: string; url: string; events: readonly string[]; description?: string | null },
): Promise<{ endpoint: Endpoint; secret: string }> {
  const { organizationId, url, events, description } = input;
  const secret = newSigningSecret();
  const endpoint = await tx.db.webhookEndpoint.create({
    data: {
      id: newId('webhookEndpoint', tx.now),
      organizationId,
      url: new URL(url).href,
      events: checkTypes(events),
      description: description ? checkText(description, ['description'], DESCRIPTION_CHARACTERS) : null,
      since: await newest(tx, organizationId),
      secret: tx.keyring.seal(secret),
      createdAt: tx.now,
      updatedAt: tx.now,
    },
  });
  tell(tx, 'webhook_endpoint.created', endpoint);
  return { endpoint, secret };
}

/** Absent keeps, null clears. A new URL is called at once with what was waiting for the old one. */
export async function update(
  tx: Tx,
  input: Named & { url?: string; events?: readonly string[]; description?: string | null },
): Promise<Endpoint> {
  const { url, events, description } = input;
  const before = await lock(tx, input);
  const data = {
    ...(url !== undefined && { url: new URL(url).href }),
    ...(events !== undefined && { events: checkTypes(events) }),
    ...(description !== undefined && {
      description: description && checkText(description, ['description'], DESCRIPTION_CHARACTERS),
    }),
  };
  const changed = differences(before, data);
  if (changed.length === 0) return before;
  const moved = changed.includes('url');
  const endpoint = await tx.db.webhookEndpoint.update({
    where: { id: before.id },
    data: { ...data, ...(moved && NO_TROUBLES), updatedAt: tx.now },
  });
  if (moved && before.dueAt) await due.request(tx, [before.id]);
  tell(tx, 'webhook_endpoint.updated', endpoint);
  return endpoint;
}

/** Takes an endpoint away with everything that was delivered to it. */
export async function remove(tx: Tx, named: Named): Promise<Endpoint> {
  const endpoint = await lock(tx, named);
  await tx.db.webhookEndpoint.delete({ where: { id: endpoint.id } });
  tell(tx, 'webhook_endpoint.deleted', endpoint);
  return endpoint;
}

/** Lets an endpoint hear again what happens from now on. One that is failing is tried again at once. */
export async function enable(tx: Tx, named: Named): Promise<Endpoint> {
  const before = await lock(tx, named);
  const turned = !before.enabled && { enabled: true, disabledAt: null, disabledBecause: null, updatedAt: tx.now };
  const since = turned && { since: await newest(tx, named.organizationId) };
  const endpoint = await tx.db.webhookEndpoint.update({
    where: { id: before.id },
    data: { ...NO_TROUBLES, ...turned, ...since },
  });
  if (before.dueAt) await due.request(tx, [before.id]);
  if (turned) tell(tx, 'webhook_endpoint.enabled', endpoint);
  return endpoint;
}

/** Tells an endpoint nothing any more. What was waiting for it has failed; it can be sent again. Twice is harmless. */
export async function disable(tx: Tx, named: Named, because: WebhookDisabling = 'MERCHANT'): Promise<Endpoint> {
  const before = await lock(tx, named);
  if (!before.enabled) return before;
  await tx.db.webhookDelivery.updateMany({
    where: { endpointId: before.id, state: 'PENDING' },
    data: { state: 'FAILED' },
  });
  const endpoint = await tx.db.webhookEndpoint.update({
    where: { id: before.id },
    data: {
      enabled: false,
      disabledAt: tx.now,
      disabledBecause: because,
      retryAt: null,
      dueAt: null,
      deliveringUntil: null,
      updatedAt: tx.now,
    },
  });
  tell(tx, 'webhook_endpoint.disabled', endpoint);
  return endpoint;
}

/** A new secret. The old one signs as well for a day, so that nothing is refused while receivers change over. */
export async function rotateSecret(tx: Tx, named: Named): Promise<{ endpoint: Endpoint; secret: string }> {
  const { id } = await lock(tx, named);
  const secret = newSigningSecret();
  const { secret: oldSecret } = await tx.db.webhookEndpoint.findUniqueOrThrow({
    where: { id },
    select: { secret: true },
  });
  const endpoint = await tx.db.webhookEndpoint.update({
    where: { id },
    data: { secret: tx.keyring.seal(secret), oldSecret, oldSecretUntil: after(tx.now, ROTATION_MS), updatedAt: tx.now },
  });
  tell(tx, 'webhook_endpoint.secret_rotated', endpoint);
  return { endpoint, secret };
}

/** An endpoint, held against change until the transaction ends. */
export async function lock(tx: Tx, { organizationId, id }: Named, path = ['id']): Promise<Endpoint> {
  const endpoint = (await lockMany(tx, [id])).get(id);
  if (endpoint?.organizationId !== organizationId) throw new NotFoundError('webhook endpoint', path);
  return endpoint;
}

/** The same of many, by their ids, as far as they are there. */
export async function lockMany(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, Endpoint>> {
  const lock = 'SELECT 1 FROM "WebhookEndpoint" WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE';
  await tx.run('lock endpoints', lock, [ids]);
  tx.now = tx.clock();
  const found = await tx.db.webhookEndpoint.findMany({ where: { id: { in: [...ids] } } });
  return new Map(found.map((endpoint) => [endpoint.id, endpoint]));
}

export function requireEnabled({ enabled }: Endpoint, path: string[]): void {
  if (!enabled) throw new ConflictError('The endpoint is disabled; enable it first.', path);
}

async function newest(tx: Tx, organizationId: string): Promise<bigint> {
  const where = { id: organizationId };
  return (await tx.db.organization.findUniqueOrThrow({ where, select: { eventSequence: true } })).eventSequence;
}

function checkTypes(events: readonly string[]): string[] {
  const types = [...new Set(events)];
  if (types.length === 0 || types.length > MOST_TYPES) {
    throw new InvalidInputError(`Name 1 to ${MOST_TYPES} types, or * for all.`, ['events']);
  }
  const wrong = events.findIndex((type) => type !== '*' && !isTypeOrFamily(type));
  if (wrong >= 0) {
    const message = 'It is no event type: benefit_grant.created, benefit_grant.*, or * for all.';
    throw new InvalidInputError(message, ['events', String(wrong)]);
  }
  return types;
}

/** An endpoint as events carry it: never its secrets. */
export function snapshot(endpoint: Endpoint) {
  const { id, organizationId, url, description, events, enabled, disabledAt, disabledBecause, failingSince } = endpoint;
  const { createdAt, updatedAt } = endpoint;
  const told = { id, organizationId, url, description, events, enabled, disabledAt, disabledBecause, failingSince };
  return { ...told, createdAt, updatedAt };
}

function tell(tx: Tx, type: string, endpoint: Endpoint): void {
  const { id, organizationId } = endpoint;
  tx.append({ organizationId, type, subjectId: id, data: { endpoint: snapshot(endpoint) } });
}
