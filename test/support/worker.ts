import type { Kind } from '../../src/benefits/kind.ts';
import type { ProviderSettings } from '../../src/config.ts';
import { openCourier } from '../../src/domain/webhooks/courier.ts';
import { QUEUES, startJobs } from '../../src/jobs/index.ts';
import { openTimers } from '../../src/jobs/timers.ts';
import { openKeyring } from '../../src/lib/keyring.ts';
import type { Storage } from '../../src/lib/storage.ts';
import type { Clock } from '../../src/lib/time.ts';
import { openMemoryBus } from '../../src/platform/bus-memory.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { openLog } from '../../src/platform/log.ts';
import { openQueue } from '../../src/platform/queue.ts';
import { openLocalStorage } from '../../src/platform/storage/local-storage.ts';
import { openUnitOfWork } from '../../src/platform/unit-of-work.ts';
import { openHttp } from '../../src/providers/http.ts';
import { temporaryFolder } from './folder.ts';
import { testMeans } from './means.ts';
import { PATIENCE_MS } from './patience.ts';
import { TEST_SECRET } from './secret.ts';

export interface WorkerOptions {
  url: string;
  kinds: readonly Kind[];
  clock?: Clock;
  /** The third parties that are configured. */
  providers?: ProviderSettings;
  /** Where files are kept; a folder of its own without it. */
  storage?: Storage;
}

/** What works in earnest, and nothing that answers: its own connections, every job and every timer. */
export async function openWorker({
  url,
  kinds,
  clock = () => new Date(),
  providers,
  storage,
}: WorkerOptions): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const log = openLog('silent');
  const database = stack.use(await openDatabase({ url, log, patienceMs: PATIENCE_MS }));
  const bus = stack.use(openMemoryBus());
  const queue = stack.use(await openQueue({ url, log, queues: QUEUES, working: true }));
  const keyring = openKeyring([TEST_SECRET]);
  const transaction = openUnitOfWork({ database, queue, bus, keyring, clock });
  const http = stack.use(openHttp({ inside: 'none' }));
  const folder = stack.use(await temporaryFolder('boon-test-files-')).path;
  const files = storage ?? (await openLocalStorage({ folder, keyring, clock }));
  const options = {
    storage: files,
    database,
    transaction,
    keyring,
    clock,
    http,
    kinds,
    means: await testMeans(database, providers),
    log,
  };
  await startJobs(queue, { ...options, smtp: null, courier: stack.use(openCourier(options)) });
  stack.use(openTimers({ ...options, bus }));
  const closing = stack.move();
  return { [Symbol.asyncDispose]: () => closing.disposeAsync() };
}
