import { exerciseCalamities } from '../support/calamities.ts';

exerciseCalamities({ redisAwayMs: 3_000, times: 1, listeners: 6 });
