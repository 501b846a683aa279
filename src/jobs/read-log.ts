import * as readers from '../domain/readers.ts';
import type { Transaction } from '../platform/unit-of-work.ts';
import type { Handler } from './handler.ts';

/** Then it is another organization's turn; what is left is asked for again at once. */
const BATCHES = 10;

export const readLog = (
  transaction: Transaction,
  all: readonly readers.Reader[],
): Handler<{ organizationId: string }> => ({
  name: readers.READ_LOG,
  batchSize: 10,
  concurrency: 1,
  async handle({ organizationId }) {
    // One that fails does not keep the others from reading on.
    await Promise.all(
      all.map(async (reader) => {
        for (let batch = 0; batch < BATCHES; batch++) {
          if (!(await transaction((tx) => readers.advance(tx, reader, organizationId)))) return;
        }
      }),
    );
  },
});
