import * as rollouts from '../domain/rollouts.ts';
import type { Transaction } from '../platform/unit-of-work.ts';
import type { Handler } from './handler.ts';

export const spreadRollout = (transaction: Transaction): Handler<{ rolloutId: string }> => ({
  name: rollouts.SPREAD_ROLLOUT,
  // More than one, since a queue that is fetched one by one is looked at again only after a pause.
  batchSize: 2,
  concurrency: 1,
  async handle({ rolloutId }) {
    await transaction((tx) => rollouts.enlist(tx, { rolloutId }));
    let last: string | null = '';
    while (last !== null) last = await transaction((tx) => rollouts.spread(tx, { rolloutId, after: last ?? '' }));
  },
});
