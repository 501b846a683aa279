import { newId } from '../../lib/id.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { type Account, type Book, emptyBook, type Named } from './book.ts';
import { BALANCE_COLUMNS, type BalanceRow, bookOf } from './rows.ts';
import { tell } from './telling.ts';
import { insertBalances, newLots, updateBalances, writeEntries, writeHolds, writeLots } from './writing.ts';

/** Opens books, in the order they are named; one that nobody has written yet is empty. Their customers are locked. */
export async function open(tx: Tx, named: readonly Named[]): Promise<Account[]> {
  const rows = await tx.run<
    BalanceRow & { place: string; owner: string; externalId: string | null; meterName: string }
  >('open books', OPEN, [named.map(({ customerId }) => customerId), named.map(({ meterId }) => meterId)]);
  return rows.map((row) => {
    const { customerId, meterId } = named[Number(row.place) - 1] as Named;
    const book = row.id ? bookOf(row) : emptyBook(tx.now);
    return {
      id: row.id ?? newId('creditBalance', tx.now),
      isNew: !row.id,
      organizationId: row.owner,
      customerId,
      externalCustomerId: row.externalId,
      meterName: row.meterName,
      meterId,
      sequence: BigInt(row.sequence ?? 0),
      createdAt: row.createdAt ?? tx.now,
      written: book,
      book,
    };
  });
}

const OPEN = `
  SELECT n.place, c."organizationId" AS owner, c."externalId", m.name AS "meterName", ${BALANCE_COLUMNS}
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n("customerId", "meterId", place)
  JOIN "Customer" c ON c.id = n."customerId"
  JOIN "Meter" m ON m.id = n."meterId"
  LEFT JOIN "CreditBalance" t ON t."customerId" = n."customerId" AND t."meterId" = n."meterId"
  ORDER BY n.place`;

/** Opens the one book that is named. */
export async function openOne(tx: Tx, named: Named): Promise<Account> {
  const [account] = await open(tx, [named]);
  if (!account) throw new Error(`There is no customer ${named.customerId}.`);
  return account;
}

/** Writes what has changed, with a constant number of statements, and has it told. */
export async function save(tx: Tx, accounts: readonly Account[]): Promise<void> {
  const changed = accounts.filter(({ book, written }) => isChanged(book, written));
  if (changed.length === 0) return;
  await insertBalances(
    tx,
    changed.filter(({ isNew }) => isNew),
  );
  await updateBalances(
    tx,
    changed.filter(({ isNew }) => !isNew),
  );
  await writeLots(tx, changed);
  await writeEntries(tx, changed);
  await writeHolds(tx, changed);
  tell(tx, changed);
}

const isChanged = (book: Book, written: Book): boolean =>
  book.entries.length > 0 ||
  book.holds.some((hold) => !written.holds.includes(hold)) ||
  newLots(book, written).length > 0;
