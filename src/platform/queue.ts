import { fromPrisma, PgBoss } from 'pg-boss';
import type { Lifeline } from './lifeline.ts';
import type { Log } from './log.ts';

/** Work to be done later. `key` makes one job of many: while one with it waits, another is not added. */
export interface Job {
  name: string;
  data: object;
  key?: string;
  /** Higher goes first. */
  priority?: number;
  /** Whose it is; see WorkSettings. */
  group?: string;
}

/** What may wait has a priority below 0 and stands at the back; everything else stands at the front. */
export type Line = 'front' | 'back';

export interface QueueSettings {
  name: string;
  /** With `short` there is at most one waiting job per key. */
  policy: 'standard' | 'short';
  retryLimit: number;
  retryDelaySeconds: number;
  /** A job whose worker has not been heard of for this long is given to another. */
  expireSeconds: number;
}

export interface WorkSettings {
  batchSize: number;
  concurrency: number;
  /** So many of one group may be under way in a process at once: what is left of it is for others. */
  perGroup?: number;
  /** Only what stands there, so that neither is held up by the other; without it, both. */
  line?: Line;
}

export interface Queue extends AsyncDisposable {
  /** Adds jobs inside the caller's transaction: they exist if it commits. */
  enqueue(db: Sql, jobs: readonly Job[]): Promise<void>;
  /** Runs `handle` for each job; one that throws is tried again by its queue's settings. */
  work<Data extends object>(
    name: string,
    settings: WorkSettings,
    handle: (data: Data, signal: AbortSignal) => Promise<void>,
  ): Promise<void>;
}

/** As much of a Prisma transaction as it takes to run a statement in it. */
export interface Sql {
  $queryRawUnsafe<T = unknown>(text: string, ...values: unknown[]): Promise<T>;
}

export interface QueueOptions {
  url: string;
  queues: readonly QueueSettings[];
  log: Log;
  lifeline?: Lifeline;
  /** Whether this process works jobs and looks after the queues, or only adds to them. */
  working: boolean;
}

const POLLING_SECONDS = 0.5;
const LISTENING_POLLING_SECONDS = 2;
const DRAIN_MS = 8_000;
const CONNECTIONS = 6;
const LONGEST_RETRY_DELAY_SECONDS = 3_600;
const LINES: Record<Line, { minPriority: number } | { maxPriority: number }> = {
  front: { minPriority: 0 },
  back: { maxPriority: -1 },
};

export async function openQueue({ url, queues, log, lifeline, working }: QueueOptions): Promise<Queue> {
  const boss = new PgBoss({
    connectionString: url,
    max: CONNECTIONS,
    application_name: 'boon queue',
    ...(lifeline && { stream: lifeline.stream }),
    useListenNotify: working,
    supervise: working,
    schedule: false,
  });
  boss.on('error', (error) => log.warn('The queue had trouble and goes on.', { error }));
  await boss.start();
  for (const queue of queues) {
    await boss.createQueue(queue.name, {
      policy: queue.policy,
      retryLimit: queue.retryLimit,
      retryDelay: queue.retryDelaySeconds,
      retryBackoff: true,
      retryDelayMax: LONGEST_RETRY_DELAY_SECONDS,
      expireInSeconds: queue.expireSeconds,
      notify: true,
    });
  }

  return {
    async enqueue(db, jobs) {
      for (const [name, batch] of Map.groupBy(jobs, (job) => job.name)) {
        const rows = batch.map(({ data, key, priority, group }) => ({
          data,
          ...(key && { singletonKey: key }),
          ...(priority && { priority }),
          ...(group && { group: { id: group } }),
        }));
        await boss.insert(name, rows, { db: fromPrisma(db) });
      }
    },
    async work<Data extends object>(
      name: string,
      settings: WorkSettings,
      handle: (data: Data, signal: AbortSignal) => Promise<void>,
    ) {
      const options = {
        batchSize: settings.batchSize,
        localConcurrency: settings.concurrency,
        ...(settings.perGroup && { localGroupConcurrency: settings.perGroup }),
        ...(settings.line && LINES[settings.line]),
        pollingIntervalSeconds: POLLING_SECONDS,
        notifyPollingIntervalSeconds: LISTENING_POLLING_SECONDS,
        perJobResults: true,
        // Where there was a full batch there may be another one; nobody rings for those that wait already.
        burstWhenBatchFull: true,
      } as const;
      await boss.work<Data>(name, options, (jobs) =>
        Promise.all(
          jobs.map(async (job) => {
            try {
              await handle(job.data, job.signal);
              return { id: job.id, status: 'completed' as const };
            } catch (error) {
              log.error('A job failed and will be tried again.', { job: name, id: job.id, error });
              return { id: job.id, status: 'failed' as const };
            }
          }),
        ),
      );
    },
    async [Symbol.asyncDispose]() {
      await boss.stop({ graceful: true, timeout: DRAIN_MS });
      // It says goodbye and does not wait: a server that is stopped first says so to nobody who minds.
      boss.removeAllListeners('error').on('error', () => {});
    },
  };
}
