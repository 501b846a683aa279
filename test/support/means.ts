import type { Means } from '../../src/benefits/means.ts';
import type { Database } from '../../src/platform/database.ts';

/** What kinds may use in tests. */
export const testMeans = (database: Database): Means => ({ database });
