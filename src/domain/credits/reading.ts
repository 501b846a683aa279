import { formatUnits } from '../../lib/units.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Balance } from './book.ts';
import { balanceAt } from './past.ts';
import { BALANCE_COLUMNS, type BalanceRow } from './rows.ts';

/** What customers have of every meter, as events carry it; who has none is not in it. */
export async function balancesOf(tx: Tx, customerIds: readonly string[]) {
  const rows = await tx.db.$queryRawUnsafe<BalanceRow[]>(
    `SELECT ${BALANCE_COLUMNS} FROM "CreditBalance" t WHERE t."customerId" = ANY($1::text[]) ORDER BY t.id`,
    customerIds,
  );
  const told = rows.map((row) => {
    const { id, customerId, meterId, createdAt, updatedAt } = row;
    const balance = { id, meterId, ...plain(balanceAt(row, tx.now)), createdAt, updatedAt };
    return { customerId, balance };
  });
  return new Map(
    [...Map.groupBy(told, ({ customerId }) => customerId)].map(([id, theirs]) => [
      id,
      theirs.map(({ balance }) => balance),
    ]),
  );
}

/** A balance in words that JSON has. */
export const plain = ({ credited, consumed, balance, held, overage, nextExpiryAt }: Balance) => ({
  credited: formatUnits(credited),
  consumed: formatUnits(consumed),
  balance: formatUnits(balance),
  held: formatUnits(held),
  overage: formatUnits(overage),
  nextExpiryAt,
});
