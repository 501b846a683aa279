import type { Kind } from '../benefits/kind.ts';
import { readersOf } from '../benefits/readers.ts';
import { webhookReader } from '../benefits/webhook-reader.ts';
import * as links from '../domain/accounts/links.ts';
import * as allowances from '../domain/allowances.ts';
import { requestAudit } from '../domain/credits/audit.ts';
import * as credits from '../domain/credits/due.ts';
import * as instants from '../domain/due.ts';
import { sweep as sweepFiles } from '../domain/files/sweeping.ts';
import * as idempotency from '../domain/idempotency.ts';
import * as checkouts from '../domain/licenses/checkout.ts';
import * as looks from '../domain/looks.ts';
import * as mails from '../domain/mails/queue.ts';
import * as filling from '../domain/meters/filling.ts';
import * as readers from '../domain/readers.ts';
import * as rollouts from '../domain/rollouts.ts';
import * as settlements from '../domain/settlements.ts';
import * as webhooks from '../domain/webhooks/due.ts';
import * as fanOut from '../domain/webhooks/fan-out.ts';
import { type Clock, HOUR_MS, MINUTE_MS, SECOND_MS } from '../lib/time.ts';
import { ANY_ORGANIZATION, type Bus } from '../platform/bus.ts';
import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import { repeat } from '../platform/repeat.ts';
import type { Transaction } from '../platform/unit-of-work.ts';
import { readLog } from './read-log.ts';

/** How late an instant may be noticed: half a second at most. */
const TICK_MS = 500;
/** How late those who read the log may begin, where nobody waits for it. */
const READ_MS = SECOND_MS;
/** And where endpoints listen, though nobody rang. */
const HEAR_MS = 250;
/** As soon as something happens, they hear it; while a lot does, that is gathered for so long. */
const REST_MS = 100;
/** How late a mail whose instant has come may be noticed. */
const MAIL_MS = SECOND_MS;
const SWEEP_MS = MINUTE_MS;

export interface TimerOptions {
  database: Database;
  transaction: Transaction;
  kinds: readonly Kind[];
  clock: Clock;
  bus: Bus;
  log: Log;
  /** How often it is looked, though nobody rang, who is behind in the log, and where endpoints listen, in milliseconds. */
  readMs?: number;
  hearMs?: number;
}

/**
 * Time as a transport: sends a job for every customer whose instant has come, and for whatever was lost. Any number
 * of workers may run it; each instant is taken by one of them.
 */
export function openTimers({
  database,
  transaction,
  kinds,
  clock,
  bus,
  log,
  readMs = READ_MS,
  hearMs = HEAR_MS,
}: TimerOptions): AsyncDisposable {
  const due = repeat(TICK_MS, log, async () => {
    const { customers, endpoints, balances } = await instants.look(database, clock());
    if (customers) while ((await transaction((tx) => settlements.requestDue(tx))) > 0);
    if (endpoints) while ((await transaction((tx) => webhooks.requestDue(tx))) > 0);
    if (balances) while ((await transaction((tx) => credits.requestDue(tx))) > 0);
  });
  const mail = repeat(MAIL_MS, log, async () => {
    while ((await transaction((tx) => mails.requestDue(tx))) > 0);
  });
  const names = readersOf({ kinds }).map(({ name }) => name);
  const unread = repeat(readMs, log, async () => {
    const behind = await readers.behind(database, names);
    if (behind.length > 0) await transaction(async (tx) => readers.request(tx, behind));
  });
  const { handle: read } = readLog(transaction, [webhookReader(kinds)]);
  const heard = repeat(
    hearMs,
    log,
    async () => {
      for (const organizationId of await fanOut.unheard(database))
        await read({ organizationId }).catch((error: unknown) =>
          log.error('What happened could not be put in line for endpoints and will be tried again.', {
            organizationId,
            error,
          }),
        );
    },
    REST_MS,
  );
  // While the bus is away this does not resolve, and what happens is heard a little later.
  const listening = bus.listen(ANY_ORGANIZATION, heard.soon);
  const lost = repeat(SWEEP_MS, log, async () => {
    await transaction((tx) => rollouts.requestUnspread(tx));
    await transaction((tx) => filling.requestUnfilled(tx));
    while ((await transaction(sweepFiles)) > 0);
  });
  const looked = kinds.filter(({ keep }) => keep.where === 'outside' && keep.look).map(({ type }) => type);
  const outside = repeat(SWEEP_MS, log, async () => {
    if (looked.length > 0) await transaction((tx) => looks.requestDue(tx, looked));
  });
  const old = repeat(HOUR_MS, log, async () => {
    await transaction(idempotency.sweep);
    await transaction(requestAudit);
    await transaction(checkouts.sweep);
    await transaction(links.sweep);
    await transaction(allowances.sweep);
    while ((await transaction(fanOut.sweep)) > 0);
  });
  return {
    async [Symbol.asyncDispose]() {
      listening.then((leave) => leave()).catch(() => {});
      await Promise.all([due, mail, unread, heard, lost, old, outside].map(({ stop }) => stop()));
    },
  };
}
