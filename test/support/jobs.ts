import type { Database } from '../../src/platform/database.ts';

export interface WaitingJob {
  name: string;
  data: Record<string, string>;
  priority: number;
}

/** The jobs that nobody has taken yet, in the order in which they will be. */
export const waitingJobs = ({ database }: { database: Database }): Promise<WaitingJob[]> =>
  database.read<WaitingJob>(
    'waiting jobs',
    `SELECT name, data, priority FROM pgboss.job WHERE state = 'created' ORDER BY priority DESC, created_on, id`,
    [],
  );
