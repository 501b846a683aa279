import type { LicenseActivation } from '../../../prisma/generated/client/client.ts';
import { batching } from '../../lib/batching.ts';
import type { Keyring } from '../../lib/keyring.ts';
import { isPromise, type Soon } from '../../lib/soon.ts';
import type { Clock } from '../../lib/time.ts';
import type { Database } from '../../platform/database.ts';
import type { Log } from '../../platform/log.ts';
import type { Transaction } from '../../platform/unit-of-work.ts';
import type { Feed } from '../feed/feed.ts';
import * as activations from './activations.ts';
import type { LicenseCache } from './cache.ts';
import { type Consumption, type ConsumptionAnswer, checkConsumption } from './consumption.ts';
import { followLicenses } from './follow.ts';
import type { LicenseRecord, NamedActivation } from './judgement.ts';
import { consumeAll } from './settling.ts';
import { consumeUncontended } from './swapping.ts';
import { openTally } from './tally.ts';
import { type Answer, answer, type Question } from './validation.ts';

/** What shipped applications ask all the time, and what of it this process does together. */
export interface Licenses extends AsyncDisposable {
  /** Whether a license may be used, now. At once, when all it takes is known. */
  validate(question: Question): Soon<Answer>;
  /** Takes units of a license's usage, never more than its limit, however many ask at once. */
  consume(wish: Consumption): Promise<ConsumptionAnswer>;
  /** Takes one of a license's slots for a machine, never more than there are, however many ask at once. */
  activate(wish: activations.NewActivation): Promise<LicenseActivation>;
}

export interface LicensesOptions {
  database: Database;
  transaction: Transaction;
  keyring: Keyring;
  cache: LicenseCache;
  /** What other processes change is heard of through it, sooner than it would be read anew. */
  feed?: Feed;
  clock: Clock;
  log: Log;
}

/** While one batch waits for the disk the other is decided. */
const BATCH = { most: 200, lanes: 2 };

export function openLicenses(options: LicensesOptions): Licenses {
  const { database, transaction, keyring, cache, feed, clock, log } = options;
  const logs = feed && followLicenses({ feed, database, cache, log });
  const tally = openTally({ database, log });
  const settle = batching<Consumption, ConsumptionAnswer>(BATCH, async (wishes) => {
    const { answers, customerIds } = await consumeUncontended({ database, keyring, clock }, wishes);
    for (const id of customerIds) cache.forget(id);
    const contended = wishes.filter((_, at) => answers[at] === null);
    if (contended.length === 0) return answers as (ConsumptionAnswer | Error)[];
    const settled = await transaction((tx) => consumeAll(tx, contended));
    for (const id of settled.customerIds) cache.forget(id);
    const rest = settled.answers.values();
    return answers.map((answer) => answer ?? (rest.next().value as ConsumptionAnswer | Error));
  });
  const judge = (record: LicenseRecord | null, activation: NamedActivation | null, question: Question): Answer => {
    const now = clock();
    if (record) logs?.see(record.organizationId);
    const judged = answer(record, activation, question, now);
    if (judged.licenseKeyId) tally.count(judged.licenseKeyId, now);
    return judged;
  };

  const admit = batching<activations.Wish, LicenseActivation>(BATCH, async (wishes) => {
    const foreseen = await activations.foresee({ database, keyring, clock }, wishes);
    const open = wishes.filter((_, at) => foreseen[at] === null);
    const settled = open.length > 0 ? await transaction((tx) => activations.activateAll(tx, open)) : [];
    const rest = settled.values();
    return foreseen.map((answer) => answer ?? (rest.next().value as LicenseActivation | Error));
  });

  return {
    validate(question) {
      const record = cache.find(question.key);
      // Asked for together, and for keys nobody has as well: how long it takes tells nothing.
      const activation = question.activationId ? cache.findActivation(question.activationId) : null;
      if (!isPromise(record) && !isPromise(activation)) return judge(record, activation, question);
      return Promise.all([record, activation]).then((found) => judge(...found, question));
    },
    consume: async (wish) => settle(checkConsumption(wish)),
    activate: async (wish) => admit(activations.checkActivation(wish)),
    async [Symbol.asyncDispose]() {
      logs?.[Symbol.dispose]();
      await tally[Symbol.asyncDispose]();
    },
  };
}
