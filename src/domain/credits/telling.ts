import type { Tx } from '../../platform/unit-of-work.ts';
import * as customerStates from '../customer-states.ts';
import { load } from '../grants/facts.ts';
import { type Account, type Balance, balanceOf } from './book.ts';
import { plain } from './reading.ts';
import { crossed, thresholdsOf } from './thresholds.ts';

/** What balances were before a transaction, and the accounts as they are by now. */
interface Changed {
  before: Balance;
  account: Account;
}

const changes = new WeakMap<Tx, Map<string, Changed>>();

/** Has it told, when the transaction commits, what became of these balances: once each, however often they change. */
export function tell(tx: Tx, accounts: readonly Account[]): void {
  const known = changes.get(tx) ?? new Map<string, Changed>();
  changes.set(tx, known);
  for (const account of accounts) {
    known.set(account.id, { before: known.get(account.id)?.before ?? balanceOf(account.written), account });
  }
  tx.beforeCommit('credit balances', () => tellAll(tx, [...known.values()]));
}

async function tellAll(tx: Tx, changed: readonly Changed[]): Promise<void> {
  const moved = changed
    .map(({ before, account }) => ({ before, account, after: balanceOf(account.book) }))
    .filter(({ before, after }) => isNews(before, after));
  const fallen = moved.filter(({ before, after }) => after.balance < before.balance);
  const thresholds = await thresholdsOf(
    tx,
    fallen.map(({ account }) => account),
  );
  for (const { before, account, after } of moved) {
    append(tx, 'credit_balance.changed', account, after);
    for (const threshold of thresholds(account)) {
      if (crossed(threshold, before, after)) append(tx, 'credit_balance.low', account, after, { threshold });
    }
    if (before.balance > 0n && after.balance <= 0n) {
      append(tx, 'credit_balance.depleted', account, after);
      customerStates.tell(tx, await load(tx, account.customerId));
    }
  }
}

/** When credits end is no news of what there is. */
const isNews = (before: Balance, after: Balance): boolean =>
  before.balance !== after.balance || before.credited !== after.credited || before.held !== after.held;

function append(tx: Tx, type: string, account: Account, balance: Balance, more: object = {}): void {
  const { id, organizationId, customerId, externalCustomerId, meterId, meterName, createdAt } = account;
  const told = { id, organizationId, customerId, externalCustomerId, meterId, meterName, ...plain(balance) };
  const data = { balance: { ...told, createdAt, updatedAt: tx.now }, ...more };
  tx.append({ organizationId, type, customerId, subjectId: id, data });
}
