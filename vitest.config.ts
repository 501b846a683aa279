import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

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
    maxWorkers: Math.max(2, availableParallelism()),
    // These end what hangs; they say nothing of how fast anything is on a machine that may be busy.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 100_000, interval: 20 } },
  },
});
