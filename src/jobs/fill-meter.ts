import * as filling from '../domain/meters/filling.ts';
import type { Transaction } from '../platform/unit-of-work.ts';
import type { Handler } from './handler.ts';

export const fillMeter = (transaction: Transaction): Handler<{ meterId: string }> => ({
  name: filling.FILL_METER,
  batchSize: 2,
  concurrency: 1,
  async handle({ meterId }) {
    while (await transaction((tx) => filling.fill(tx, { meterId })));
  },
});
