import { type FulfillmentOptions, settleHere } from '../benefits/fulfillment.ts';
import { SETTLE_CUSTOMER } from '../domain/settlements.ts';
import { batching } from '../lib/batching.ts';
import type { Line } from '../platform/queue.ts';
import type { Handler } from './handler.ts';

/** So many customers share a transaction. */
const PAGE = 100;
/** While one page computes, others are in the database. */
const LANES = 2;

/** Whom an edit is to reach shares no transaction with whoever buys something, nor is waited for. */
export function settleCustomer(options: FulfillmentOptions, line: Line): Handler<{ customerId: string }> {
  const settle = batching<string, undefined>({ most: PAGE, lanes: LANES }, (ids) => settleHere(options, ids));
  return {
    name: SETTLE_CUSTOMER,
    batchSize: PAGE,
    concurrency: LANES,
    line,
    handle: ({ customerId }) => settle(customerId),
  };
}
