/** What is done with the jobs of one name. */
export interface Handler<Data extends object> {
  name: string;
  /** Jobs fetched and worked at once. */
  batchSize: number;
  /** Fetches under way at once. */
  concurrency: number;
  handle(data: Data): Promise<void>;
}
