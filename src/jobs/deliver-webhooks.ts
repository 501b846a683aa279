import type { Courier } from '../domain/webhooks/courier.ts';
import { DELIVER_WEBHOOKS } from '../domain/webhooks/due.ts';
import type { Handler } from './handler.ts';

export const deliverWebhooks = (courier: Courier): Handler<{ endpointId: string }> => ({
  name: DELIVER_WEBHOOKS,
  batchSize: 50,
  concurrency: 2,
  handle: ({ endpointId }) => courier.visit(endpointId),
});
