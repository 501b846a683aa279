import { defineConfig } from 'vitest/config';

export default defineConfig({
  // One copy of graphql, the one that Node itself loads: its types do not work across two.
  resolve: { alias: { graphql: import.meta.resolve('graphql') } },
  test: {
    include: ['test/**/*.test.ts'],
    // They take minutes: npm run soak.
    exclude: ['test/soak/**'],
    globalSetup: 'test/support/global-setup.ts',
    testTimeout: 15_000,
    hookTimeout: 30_000,
  },
});
