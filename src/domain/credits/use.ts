import type { Units } from '../../lib/units.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { open, save } from './accounts.ts';
import type { Named } from './book.ts';
import { burn } from './burning.ts';
import { advance } from './passing.ts';
import { lockAll, nameOf } from './whose.ts';

export interface Usage extends Named {
  units: Units;
}

/**
 * Burns what was used; what no credits are left for becomes overage. Called in the transaction that records the usage.
 * Locks the customers, in the order of their ids. However many there are, the number of statements stays the same.
 */
export async function use(tx: Tx, { usage }: { organizationId: string; usage: readonly Usage[] }): Promise<void> {
  const totals = new Map<string, Named & { units: Units }>();
  for (const { customerId, meterId, units } of usage) {
    const key = nameOf({ customerId, meterId });
    const total = totals.get(key) ?? { customerId, meterId, units: 0n };
    totals.set(key, { ...total, units: total.units + units });
  }
  const used = [...totals.values()].filter(({ units }) => units > 0n);
  if (used.length === 0) return;
  await lockAll(
    tx,
    used.map(({ customerId }) => customerId),
  );
  const accounts = await open(tx, used);
  for (const account of accounts) {
    const units = totals.get(nameOf(account))?.units ?? 0n;
    account.book = burn(advance(account.book, tx.now), units, { type: 'USED', cause: 'USAGE' });
  }
  await save(tx, accounts);
}
