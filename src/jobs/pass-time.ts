import type { Named } from '../domain/credits/book.ts';
import * as credits from '../domain/credits/due.ts';
import type { Transaction } from '../platform/unit-of-work.ts';
import type { Handler } from './handler.ts';

export const passTime = (transaction: Transaction): Handler<Named> => ({
  name: credits.PASS_TIME,
  batchSize: 20,
  concurrency: 2,
  handle: (named) => transaction((tx) => credits.passTime(tx, named)),
});
