import { QUEUES } from '../../src/jobs/index.ts';
import { settleCustomer } from '../../src/jobs/settle-customer.ts';
import { openLog } from '../../src/platform/log.ts';
import { openQueue } from '../../src/platform/queue.ts';
import type { Script } from '../../src/script.ts';

const NAME = 'nothing';

export interface BareQueue extends AsyncDisposable {
  /** Sends jobs with these keys in one statement. */
  send(keys: readonly string[]): Promise<void>;
}

/** pg-boss with the settings that settlement has, and jobs in which nothing is to be done. */
export async function openBareQueue(
  { database }: Script,
  url: string,
  handled: (key: string) => void,
): Promise<BareQueue> {
  const settings = QUEUES.map((queue) => ({ ...queue, name: NAME })).slice(0, 1);
  const { batchSize, concurrency } = settleCustomer({} as never, 'back');
  const queue = await openQueue({ url, queues: settings, log: openLog('warn'), working: true });
  await queue.work<{ key: string }>(NAME, { batchSize, concurrency }, async ({ key }) => handled(key));
  return {
    send: (keys) =>
      queue.enqueue(
        database.prisma,
        keys.map((key) => ({ name: NAME, data: { key }, key })),
      ),
    [Symbol.asyncDispose]: () => queue[Symbol.asyncDispose](),
  };
}
