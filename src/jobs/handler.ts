import type { Line } from '../platform/queue.ts';

/** What is done with the jobs of one name. */
export interface Handler<Data extends object> {
  name: string;
  /** Jobs fetched and worked at once. */
  batchSize: number;
  /** Fetches under way at once. */
  concurrency: number;
  /** Of one organization's, so many at once: what is left is for others. */
  perGroup?: number;
  /** Only those that stand there; without it, all of them. */
  line?: Line;
  handle(data: Data): Promise<void>;
}
