import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { SlowFirst } from './test/support/order.ts';

export default defineConfig({
  // One copy of graphql, the one that Node itself loads: its types do not work across two.
  resolve: { alias: { graphql: import.meta.resolve('graphql') } },
  test: {
    include: ['test/**/*.test.ts'],
    // They take minutes: npm run soak.
    exclude: ['test/soak/**'],
    globalSetup: 'test/support/global-setup.ts',
    // Files that run one after the other in a process share what they import, which is most of what it takes to start one.
    isolate: false,
    // They wait half of the time, for other processes, for the database and for timers.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: SlowFirst },
    // These end what hangs; they say nothing of how fast anything is on a machine that may be busy.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 100_000, interval: 20 } },
  },
});
