import { batching, inHalves } from '../../lib/batching.ts';
import { isBrokenRule, NotFoundError } from '../../lib/errors.ts';
import { parseUnits } from '../../lib/units.ts';
import { type Transaction, type Tx, wasUndone } from '../../platform/unit-of-work.ts';
import type { CustomerBy } from '../customers.ts';
import { type Call, recall } from '../idempotency.ts';
import { open, save } from './accounts.ts';
import type { Account } from './book.ts';
import { burn } from './burning.ts';
import { checkConsumed } from './meters.ts';
import { advance } from './passing.ts';
import { type Answer, checkUnits, refuseTooMany } from './spending.ts';
import { find, lockAll, nameOf } from './whose.ts';

/** A wish to take credits if there are enough. */
export interface Consumption {
  organizationId: string;
  customer: CustomerBy;
  meterId: string;
  /** A decimal. */
  units: string;
  idempotencyKey?: string | null;
}

export type Consume = (wish: Consumption) => Promise<Answer>;

/** While one batch waits for the disk others are decided. */
const BATCH = { most: 200, lanes: 3, keysOf: (wish: Consumption) => [whoseName(wish)] };
const OPERATION = 'consumeCredits';

/** Who is named in two ways may be waited for; nothing more comes of it. */
const whoseName = ({ organizationId, customer: { id, externalId, email } }: Consumption): string =>
  id ?? `${organizationId} ${externalId ?? email}`;

/**
 * Wishes that come together are decided together, each as if it came alone: never below zero, however many there are, and
 * what fails for one fails for no other.
 */
export const openConsumption = ({ transaction }: { transaction: Transaction }): Consume =>
  batching<Consumption, Answer>(
    BATCH,
    inHalves((wishes) => transaction((tx) => consumeAll(tx, wishes)), wasUndone),
  );

async function consumeAll(tx: Tx, wishes: readonly Consumption[]): Promise<(Answer | Error)[]> {
  const whose = await find(tx, wishes);
  const [check, known] = [await checkConsumed(tx, wishes), whose.filter((id) => id !== null)];
  await lockAll(tx, known);
  // Under the locks of their customers: nobody answers the same call meanwhile.
  const calls = await recall<Answer>(tx, wishes.map(callOf));
  const named = new Map(
    wishes.flatMap((wish, index) => {
      const name = { customerId: whose[index] ?? '', meterId: wish.meterId };
      return whose[index] && check(wish) === null ? [[nameOf(name), name] as const] : [];
    }),
  );
  const accounts = new Map((await open(tx, [...named.values()])).map((account) => [nameOf(account), account]));
  for (const account of accounts.values()) account.book = advance(account.book, tx.now);
  const answers = wishes.map((wish, index): Answer | Error => {
    try {
      const mistake = check(wish);
      if (mistake) throw mistake;
      const customerId = whose[index];
      if (!customerId) throw new NotFoundError('customer', ['customer']);
      const account = accounts.get(nameOf({ customerId, meterId: wish.meterId })) as Account;
      return calls.once(callOf(wish), () => take(account, wish.units));
    } catch (error) {
      if (isBrokenRule(error)) return error;
      throw error;
    }
  });
  await save(tx, [...accounts.values()]);
  await calls.remember();
  return answers;
}

function take(account: Account, text: string): Answer {
  const units = checkUnits(text);
  refuseTooMany(account.book, units);
  account.book = burn(account.book, units, { type: 'USED', cause: 'CONSUMPTION' });
  return { balanceId: account.id };
}

const callOf = ({ organizationId, idempotencyKey: key, customer, meterId, units }: Consumption): Call => ({
  organizationId,
  operation: OPERATION,
  key,
  request: { customer, meterId, units: String(parseUnits(units)) },
});
