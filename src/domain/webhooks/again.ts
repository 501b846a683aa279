import type { Prisma } from '../../../prisma/generated/client/client.ts';
import { InvalidInputError, NotFoundError } from '../../lib/errors.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import * as due from './due.ts';
import * as endpoints from './endpoints.ts';

/** What is to be sent again: one delivery, or those of an endpoint from a time on, up to a time, or that failed. */
export interface Wish {
  organizationId: string;
  deliveryId?: string | null;
  endpointId?: string | null;
  from?: Date | null;
  to?: Date | null;
  failed?: boolean | null;
}

/**
 * Sends messages again, with the ids and bodies they had, in the order they had, before what is newer. Answers how many
 * wait now because of it.
 */
export async function redeliver(tx: Tx, wish: Wish): Promise<{ endpointId: string; count: number }> {
  const { organizationId, deliveryId, from, to, failed } = wish;
  if ((deliveryId ? 1 : 0) + (wish.endpointId ? 1 : 0) !== 1) {
    throw new InvalidInputError('Name either a delivery or an endpoint.', [deliveryId ? 'deliveryId' : 'endpointId']);
  }
  const endpointId = wish.endpointId ?? (await endpointOf(tx, organizationId, deliveryId ?? ''));
  const path = [deliveryId ? 'deliveryId' : 'endpointId'];
  endpoints.requireEnabled(await endpoints.lock(tx, { organizationId, id: endpointId }, path), path);
  if (from && to && to <= from) throw new InvalidInputError('It must lie after from.', ['to']);
  if (!deliveryId && !from && !to && !failed) {
    throw new InvalidInputError('Say which: from and to a time, or failed: true for those that failed.', ['failed']);
  }
  const where: Prisma.WebhookDeliveryWhereInput = {
    endpointId,
    state: failed ? 'FAILED' : { not: 'PENDING' },
    ...(deliveryId && { id: deliveryId }),
    ...((from || to) && { message: { occurredAt: { ...(from && { gte: from }), ...(to && { lt: to }) } } }),
  };
  const { count } = await tx.db.webhookDelivery.updateMany({ where, data: { state: 'PENDING', deliveredAt: null } });
  if (count > 0) await due.request(tx, [endpointId]);
  return { endpointId, count };
}

async function endpointOf(tx: Tx, organizationId: string, id: string): Promise<string> {
  const found = await tx.db.webhookDelivery.findFirst({ where: { id, organizationId }, select: { endpointId: true } });
  if (!found) throw new NotFoundError('webhook delivery', ['deliveryId']);
  return found.endpointId;
}
