import { exerciseCalamities } from '../support/calamities.ts';

exerciseCalamities({ redisAwayMs: 30_000, times: 3, listeners: 100 });
