import type { Config } from './config.ts';
import { QUEUES } from './jobs/index.ts';
import { openKeyring } from './lib/keyring.ts';
import { openBus } from './platform/choose-bus.ts';
import { type Database, openDatabase } from './platform/database.ts';
import { joinEmbedded } from './platform/embedded.ts';
import { verifySecret } from './platform/installation.ts';
import { openLog } from './platform/log.ts';
import { migrate } from './platform/migrations.ts';
import { openQueue } from './platform/queue.ts';
import { openUnitOfWork, type Transaction } from './platform/unit-of-work.ts';

export interface Script extends AsyncDisposable {
  database: Database;
  transaction: Transaction;
}

/** What a command works with beside a Boon that may be running: its data, and no more of it. */
export async function openScript(config: Config, secrets: readonly string[]): Promise<Script> {
  await using stack = new AsyncDisposableStack();
  const log = openLog('warn');
  const keyring = openKeyring(secrets);
  const url = config.databaseUrl ?? stack.use(await joinEmbedded({ dataDir: config.dataDir })).url;
  await migrate({ url, log });
  const database = stack.use(await openDatabase({ url, log }));
  await verifySecret(database, keyring);
  const bus = stack.use(await openBus({ ...config, log }));
  const queue = stack.use(await openQueue({ url, queues: QUEUES, log, working: false }));
  const transaction = openUnitOfWork({ database, queue, bus, keyring, clock: () => new Date() });
  const closing = stack.move();
  return { database, transaction, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}
