import type { FulfillmentOptions } from '../benefits/fulfillment.ts';
import { lookAfter } from '../benefits/looking-after.ts';
import { LOOK_AFTER } from '../domain/looks.ts';
import type { Handler } from './handler.ts';

export const lookAfterBenefit = (options: FulfillmentOptions): Handler<{ benefitId: string }> => ({
  name: LOOK_AFTER,
  batchSize: 2,
  concurrency: 1,
  handle: ({ benefitId }) => lookAfter(options, benefitId),
});
