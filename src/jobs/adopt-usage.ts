import { adopt } from '../domain/usage/adoption.ts';
import { ADOPT_USAGE } from '../domain/usage/strangers.ts';
import type { Transaction } from '../platform/unit-of-work.ts';
import type { Handler } from './handler.ts';

export const adoptUsage = (transaction: Transaction): Handler<{ customerId: string; externalId: string }> => ({
  name: ADOPT_USAGE,
  batchSize: 10,
  concurrency: 1,
  async handle(of) {
    while (await transaction((tx) => adopt(tx, of)));
  },
});
