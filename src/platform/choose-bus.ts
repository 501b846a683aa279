import type { Bus } from './bus.ts';
import { openMemoryBus } from './bus-memory.ts';
import { openPostgresBus } from './bus-postgres.ts';
import { openRedisBus } from './bus-redis.ts';
import type { Lifeline } from './lifeline.ts';
import type { Log } from './log.ts';

export interface BusChoice {
  /** A database of one's own; with it there may be other processes to hear. */
  databaseUrl?: string;
  redisUrl?: string;
  log: Log;
  lifeline?: Lifeline;
}

/** The bus that all who share the data hear: Redis when there is one, else the database, else this process alone. */
export async function openBus({ databaseUrl, redisUrl, log, lifeline }: BusChoice): Promise<Bus> {
  if (redisUrl) return openRedisBus({ url: redisUrl, log });
  return databaseUrl ? openPostgresBus({ url: databaseUrl, log, lifeline }) : openMemoryBus();
}
