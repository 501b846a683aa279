import { newId } from '../../lib/id.ts';
import { formatUnits } from '../../lib/units.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { type Account, type Book, creditedOf, emptyBook, type Named } from './book.ts';
import { nextInstant } from './passing.ts';
import { BALANCE_COLUMNS, type BalanceRow, bookOf } from './rows.ts';
import { tell } from './telling.ts';

/** Opens books, in the order they are named; one that nobody has written yet is empty. Their customers are locked. */
export async function open(tx: Tx, named: readonly Named[]): Promise<Account[]> {
  const rows = await tx.db.$queryRawUnsafe<
    (BalanceRow & { place: bigint; owner: string; externalId: string | null; meterName: string })[]
  >(
    `SELECT n.place, c."organizationId" AS owner, c."externalId", m.name AS "meterName", ${BALANCE_COLUMNS}
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n("customerId", "meterId", place)
     JOIN "Customer" c ON c.id = n."customerId"
     JOIN "Meter" m ON m.id = n."meterId"
     LEFT JOIN "CreditBalance" t ON t."customerId" = n."customerId" AND t."meterId" = n."meterId"
     ORDER BY n.place`,
    named.map(({ customerId }) => customerId),
    named.map(({ meterId }) => meterId),
  );
  return rows.map((row) => {
    const { customerId, meterId } = named[Number(row.place) - 1] as Named;
    const book = row.id ? bookOf(row) : emptyBook(tx.now);
    return {
      id: row.id ?? newId('creditBalance', tx.now),
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
  await writeBalances(tx, changed);
  await writeLots(tx, changed);
  await writeEntries(tx, changed);
  await writeHolds(tx, changed);
  tell(tx, changed);
}

const isChanged = (book: Book, written: Book): boolean =>
  book.entries.length > 0 ||
  book.holds.some((hold) => !written.holds.includes(hold)) ||
  newLots(book, written).length > 0;

const newLots = (book: Book, written: Book) => book.lots.filter((lot) => !written.lots.includes(lot));

async function writeBalances(tx: Tx, accounts: readonly Account[]): Promise<void> {
  const rows = accounts.map(({ book, id, organizationId, customerId, meterId, sequence, createdAt }) => ({
    id,
    organizationId,
    customerId,
    meterId,
    ...decimals({ balance: book.balance, credited: creditedOf(book), overage: book.overage, used: book.used }),
    ...decimals({ spent: book.spent }),
    sequence: String(sequence + BigInt(book.entries.length)),
    asOf: book.asOf,
    dueAt: nextInstant(book),
    createdAt,
  }));
  await tx.db.$executeRaw`
    INSERT INTO "CreditBalance" (id, "organizationId", "customerId", "meterId", balance, credited, overage, used, spent,
      sequence, "asOf", "dueAt", "createdAt", "updatedAt")
    SELECT r.id, r."organizationId", r."customerId", r."meterId", r.balance, r.credited, r.overage, r.used, r.spent,
      r.sequence, r."asOf", r."dueAt", r."createdAt", ${tx.now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id text, "organizationId" text, "customerId" text,
      "meterId" text, balance numeric, credited numeric, overage numeric, used numeric, spent numeric, sequence bigint,
      "asOf" timestamptz, "dueAt" timestamptz, "createdAt" timestamptz)
    ON CONFLICT (id) DO UPDATE SET balance = excluded.balance, credited = excluded.credited, overage = excluded.overage,
      used = excluded.used, spent = excluded.spent, sequence = excluded.sequence, "asOf" = excluded."asOf",
      "dueAt" = excluded."dueAt", "updatedAt" = excluded."updatedAt"`;
}

async function writeLots(tx: Tx, accounts: readonly Account[]): Promise<void> {
  const rows = accounts.flatMap(({ id, book, written }) =>
    newLots(book, written).map(({ entitledUntil: _, amount, used, remaining, lost, carriesMost, ...lot }) => ({
      ...lot,
      balanceId: id,
      ...decimals({ amount, used, remaining, lost }),
      carriesMost: carriesMost === null ? null : formatUnits(carriesMost),
    })),
  );
  if (rows.length === 0) return;
  await tx.db.$executeRaw`
    INSERT INTO "CreditLot" (id, "balanceId", key, source, state, "grantId", family, "periodStart", amount, used, remaining,
      lost, carries, "carriesMost", priority, "effectiveAt", "expiresAt", note, "createdAt")
    SELECT r.id, r."balanceId", r.key, r.source::"CreditSource", r.state::"CreditLotState", r."grantId", r.family,
      r."periodStart", r.amount, r.used, r.remaining, r.lost, ARRAY(SELECT jsonb_array_elements_text(r.carries)),
      r."carriesMost", r.priority, r."effectiveAt", r."expiresAt", r.note, ${tx.now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id text, "balanceId" text, key text, source text, state text,
      "grantId" text, family text, "periodStart" timestamptz, amount numeric, used numeric, remaining numeric, lost numeric,
      carries jsonb, "carriesMost" numeric, priority int, "effectiveAt" timestamptz, "expiresAt" timestamptz, note text)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, amount = excluded.amount, used = excluded.used,
      remaining = excluded.remaining, lost = excluded.lost, priority = excluded.priority, "expiresAt" = excluded."expiresAt"`;
}

async function writeEntries(tx: Tx, accounts: readonly Account[]): Promise<void> {
  const rows = accounts.flatMap(({ id, sequence, book }) =>
    book.entries.map(({ units, balance, credited, overage, used, ...entry }, index) => ({
      ...entry,
      id: newId('creditEntry', tx.now),
      balanceId: id,
      sequence: String(sequence + BigInt(index + 1)),
      ...decimals({ units, balance, credited, overage, used }),
    })),
  );
  if (rows.length === 0) return;
  await tx.db.$executeRaw`
    INSERT INTO "CreditEntry" (id, "balanceId", sequence, type, units, "lotId", cause, note, at, balance, credited, overage, used)
    SELECT r.id, r."balanceId", r.sequence, r.type::"CreditEntryType", r.units, r."lotId", r.cause::"CreditCause", r.note, r.at,
      r.balance, r.credited, r.overage, r.used
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id text, "balanceId" text, sequence bigint, type text,
      units numeric, "lotId" text, cause text, note text, at timestamptz, balance numeric, credited numeric, overage numeric,
      used numeric)`;
}

async function writeHolds(tx: Tx, accounts: readonly Account[]): Promise<void> {
  for (const { id, book, written } of accounts) {
    for (const hold of book.holds) {
      if (written.holds.includes(hold)) continue;
      const { units, committed, ...rest } = hold;
      const columns = {
        ...rest,
        units: formatUnits(units),
        committed: committed === null ? null : formatUnits(committed),
      };
      await tx.db.creditHold.upsert({
        where: { id: hold.id },
        create: { ...columns, balanceId: id, createdAt: tx.now },
        update: columns,
      });
    }
  }
}

const decimals = <Name extends string>(units: Record<Name, bigint>) =>
  Object.fromEntries(Object.entries<bigint>(units).map(([name, value]) => [name, formatUnits(value)])) as Record<
    Name,
    string
  >;
