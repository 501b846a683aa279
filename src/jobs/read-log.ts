import * as readers from '../domain/readers.ts';
import type { Transaction } from '../platform/unit-of-work.ts';
import type { Handler } from './handler.ts';

/** So long is one organization read for; then it is the turn of another, and what is left is asked for again at once. */
const TURN_MS = 1_000;

export const readLog = (
  transaction: Transaction,
  all: readonly readers.Reader[],
): Handler<{ organizationId: string }> => ({
  name: readers.READ_LOG,
  batchSize: 10,
  concurrency: 1,
  async handle({ organizationId }) {
    const until = performance.now() + TURN_MS;
    /** Answers whether anything is left. */
    const readOn = async (reader: readers.Reader): Promise<boolean> => {
      while (await transaction((tx) => readers.advance(tx, reader, organizationId)))
        if (performance.now() >= until) return true;
      return false;
    };
    // One that fails does not keep the others from reading on.
    const turns = await Promise.allSettled(all.map(readOn));
    const failed = turns.find((turn) => turn.status === 'rejected');
    if (failed) throw failed.reason;
    if (turns.some((turn) => turn.status === 'fulfilled' && turn.value))
      await transaction(async (tx) => readers.request(tx, [organizationId]));
  },
});
