import { type FulfillmentOptions, settle } from '../benefits/fulfillment.ts';
import { SETTLE_OUTSIDE } from '../domain/settlements.ts';
import type { Handler } from './handler.ts';

/**
 * In small batches: a third party that hangs holds up those who were fetched with it, and nobody else. However many an
 * organization has in line, and though each fetch got only one of them, others find somebody who is free.
 */
export const settleOutside = (options: FulfillmentOptions): Handler<{ customerId: string }> => ({
  name: SETTLE_OUTSIDE,
  batchSize: 2,
  concurrency: 12,
  perGroup: 6,
  handle: ({ customerId }) => settle(options, customerId),
});
