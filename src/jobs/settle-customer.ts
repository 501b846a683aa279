import { type FulfillmentOptions, settleHere } from '../benefits/fulfillment.ts';
import { SETTLE_CUSTOMER } from '../domain/settlements.ts';
import type { Handler } from './handler.ts';

export const settleCustomer = (options: FulfillmentOptions): Handler<{ customerId: string }> => ({
  name: SETTLE_CUSTOMER,
  batchSize: 10,
  concurrency: 1,
  handle: ({ customerId }) => settleHere(options, customerId),
});
