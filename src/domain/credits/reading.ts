import { formatUnits } from '../../lib/units.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import type { Balance } from './book.ts';
import { balanceAt } from './past.ts';
import { BALANCE_COLUMNS, type BalanceRow } from './rows.ts';

/** What a customer has of every meter, as events carry it. */
export async function balancesOf(tx: Tx, customerId: string) {
  const rows = await tx.db.$queryRawUnsafe<BalanceRow[]>(
    `SELECT ${BALANCE_COLUMNS} FROM "CreditBalance" t WHERE t."customerId" = $1 ORDER BY t.id`,
    customerId,
  );
  return rows.map((row) => {
    const { id, meterId, createdAt, updatedAt } = row;
    return { id, meterId, ...plain(balanceAt(row, tx.now)), createdAt, updatedAt };
  });
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
