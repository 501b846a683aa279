import { newId } from '../../lib/id.ts';
import { formatUnits } from '../../lib/units.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { type Account, type Book, creditedOf, type Lot } from './book.ts';
import { nextInstant } from './passing.ts';

/** Lots that are new, or otherwise than they were. */
export const newLots = (book: Book, written: Book): Lot[] => book.lots.filter((lot) => !written.lots.includes(lot));

export async function writeBalances(tx: Tx, accounts: readonly Account[]): Promise<void> {
  const rows = accounts.map(({ book, id, organizationId, customerId, meterId, sequence, createdAt }) => ({
    id,
    organizationId,
    customerId,
    meterId,
    balance: formatUnits(book.balance),
    credited: formatUnits(creditedOf(book)),
    overage: formatUnits(book.overage),
    used: formatUnits(book.used),
    spent: formatUnits(book.spent),
    sequence: String(sequence + BigInt(book.entries.length)),
    asOf: book.asOf,
    dueAt: nextInstant(book),
    createdAt,
  }));
  await tx.run('write balances', BALANCES, [JSON.stringify(rows), tx.now]);
}

const BALANCES = `
  INSERT INTO "CreditBalance" (id, "organizationId", "customerId", "meterId", balance, credited, overage, used, spent,
    sequence, "asOf", "dueAt", "createdAt", "updatedAt")
  SELECT r.*, $2 FROM jsonb_to_recordset($1::jsonb) AS r(id text, "organizationId" text, "customerId" text, "meterId" text,
    balance numeric, credited numeric, overage numeric, used numeric, spent numeric, sequence bigint, "asOf" timestamptz,
    "dueAt" timestamptz, "createdAt" timestamptz)
  ON CONFLICT (id) DO UPDATE SET balance = excluded.balance, credited = excluded.credited, overage = excluded.overage,
    used = excluded.used, spent = excluded.spent, sequence = excluded.sequence, "asOf" = excluded."asOf",
    "dueAt" = excluded."dueAt", "updatedAt" = excluded."updatedAt"`;

export async function writeLots(tx: Tx, accounts: readonly Account[]): Promise<void> {
  const rows = accounts.flatMap(({ id, book, written }) =>
    newLots(book, written).map(({ entitledUntil: _, amount, used, remaining, lost, carriesMost, ...lot }) => ({
      ...lot,
      balanceId: id,
      amount: formatUnits(amount),
      used: formatUnits(used),
      remaining: formatUnits(remaining),
      lost: formatUnits(lost),
      carriesMost: carriesMost === null ? null : formatUnits(carriesMost),
    })),
  );
  if (rows.length > 0) await tx.run('write lots', LOTS, [JSON.stringify(rows), tx.now]);
}

const LOTS = `
  INSERT INTO "CreditLot" (id, "balanceId", key, source, state, "grantId", family, "periodStart", amount, used, remaining,
    lost, carries, "carriesMost", priority, "effectiveAt", "expiresAt", note, "createdAt")
  SELECT r.id, r."balanceId", r.key, r.source::"CreditSource", r.state::"CreditLotState", r."grantId", r.family,
    r."periodStart", r.amount, r.used, r.remaining, r.lost, ARRAY(SELECT jsonb_array_elements_text(r.carries)),
    r."carriesMost", r.priority, r."effectiveAt", r."expiresAt", r.note, $2
  FROM jsonb_to_recordset($1::jsonb) AS r(id text, "balanceId" text, key text, source text, state text,
    "grantId" text, family text, "periodStart" timestamptz, amount numeric, used numeric, remaining numeric, lost numeric,
    carries jsonb, "carriesMost" numeric, priority int, "effectiveAt" timestamptz, "expiresAt" timestamptz, note text)
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, amount = excluded.amount, used = excluded.used,
    remaining = excluded.remaining, lost = excluded.lost, priority = excluded.priority, "expiresAt" = excluded."expiresAt"`;

export async function writeEntries(tx: Tx, accounts: readonly Account[]): Promise<void> {
  const rows = accounts.flatMap(({ id, sequence, book }) =>
    book.entries.map(({ type, units, lotId, cause, note, at, balance, credited, overage, used }, index) => ({
      id: newId('creditEntry', tx.now),
      balanceId: id,
      sequence: String(sequence + BigInt(index + 1)),
      type,
      units: formatUnits(units),
      lotId,
      cause,
      note,
      at,
      balance: formatUnits(balance),
      credited: formatUnits(credited),
      overage: formatUnits(overage),
      used: formatUnits(used),
    })),
  );
  if (rows.length > 0) await tx.run('write entries', ENTRIES, [JSON.stringify(rows)]);
}

const ENTRIES = `
  INSERT INTO "CreditEntry" (id, "balanceId", sequence, type, units, "lotId", cause, note, at, balance, credited, overage, used)
  SELECT r.id, r."balanceId", r.sequence, r.type::"CreditEntryType", r.units, r."lotId", r.cause::"CreditCause", r.note, r.at,
    r.balance, r.credited, r.overage, r.used
  FROM jsonb_to_recordset($1::jsonb) AS r(id text, "balanceId" text, sequence bigint, type text, units numeric,
    "lotId" text, cause text, note text, at timestamptz, balance numeric, credited numeric, overage numeric, used numeric)`;

export async function writeHolds(tx: Tx, accounts: readonly Account[]): Promise<void> {
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
