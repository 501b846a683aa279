import * as idempotency from '../domain/idempotency.ts';
import * as rollouts from '../domain/rollouts.ts';
import * as settlements from '../domain/settlements.ts';
import { HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import type { Log } from '../platform/log.ts';
import { repeat } from '../platform/repeat.ts';
import type { Transaction } from '../platform/unit-of-work.ts';

/** How late an instant may be noticed: half a second at most. */
const TICK_MS = 500;
const SWEEP_MS = MINUTE_MS;

/**
 * Time as a transport: sends a job for every customer whose instant has come, and for whatever was lost. Any number
 * of workers may run it; each instant is taken by one of them.
 */
export function openTimers({ transaction, log }: { transaction: Transaction; log: Log }): AsyncDisposable {
  const due = repeat(TICK_MS, log, async () => {
    while ((await transaction((tx) => settlements.requestDue(tx))) > 0);
  });
  const lost = repeat(SWEEP_MS, log, () => transaction((tx) => rollouts.requestUnspread(tx)));
  const old = repeat(HOUR_MS, log, () => transaction(idempotency.sweep));
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all([due(), lost(), old()]);
    },
  };
}
