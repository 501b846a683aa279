import { AUDIT_CREDITS, runAudit } from '../domain/credits/audit.ts';
import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import type { Transaction } from '../platform/unit-of-work.ts';
import type { Handler } from './handler.ts';

export const auditCredits = (options: {
  database: Database;
  transaction: Transaction;
  log: Log;
}): Handler<{ day: string }> => ({
  name: AUDIT_CREDITS,
  // More than one, since a queue that is fetched one by one is looked at again only after a pause.
  batchSize: 2,
  concurrency: 1,
  handle: (named) => runAudit(options, named),
});
