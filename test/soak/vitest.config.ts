import { defineConfig } from 'vitest/config';
import suite from '../../vitest.config.ts';

/** What takes minutes, by `npm run soak`: the same services, one file after the other. */
export default defineConfig({
  ...suite,
  root: new URL('../..', import.meta.url).pathname,
  test: {
    ...suite.test,
    include: ['test/soak/**/*.test.ts'],
    exclude: [],
    fileParallelism: false,
    testTimeout: 15 * 60_000,
    hookTimeout: 60_000,
  },
});
