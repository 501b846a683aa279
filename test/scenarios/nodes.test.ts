import { vi } from 'vitest';
import { exerciseCalamities } from '../support/calamities.ts';

/** Each of them waits for processes to start. */
vi.setConfig({ testTimeout: 90_000 });

exerciseCalamities({ redisAwayMs: 3_000, times: 1, listeners: 6 });
