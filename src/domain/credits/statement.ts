import type { CreditEntry } from '../../../prisma/generated/client/client.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import { formatUnits } from '../../lib/units.ts';
import type { Database } from '../../platform/database.ts';
import type { Entry } from './book.ts';
import { advance } from './passing.ts';
import { balanceThen } from './past.ts';
import { type BalanceRow, bookOf } from './rows.ts';

/** More lines than anybody reads; a shorter time has fewer. */
const MOST_LINES = 10_000;
const HEAD = 'at,type,units,balance,cause,lot,note';

export interface Statement {
  openingBalance: string;
  closingBalance: string;
  csv: string;
}

/**
 * What was entered from one instant, inclusive, to another, exclusive. What time has done since the balance was last written
 * stands in it as it will be entered.
 */
export async function statement(
  database: Database,
  row: BalanceRow,
  { from, to }: { from: Date; to: Date },
): Promise<Statement> {
  if (to <= from) throw new InvalidInputError('It must lie after `from`.', ['to']);
  const entries = await database.prisma.creditEntry.findMany({
    // What was entered since the row was read stands in it as what is due.
    where: { balanceId: row.id, sequence: { lte: BigInt(row.sequence) }, at: { gte: from, lt: to } },
    orderBy: { sequence: 'asc' },
    take: MOST_LINES + 1,
  });
  if (entries.length > MOST_LINES)
    throw new InvalidInputError(`It has more than ${MOST_LINES} lines; ask for a shorter time.`, ['to']);
  const rightBefore = (date: Date) => new Date(date.getTime() - 1);
  const before = (date: Date) => balanceThen(database, row, rightBefore(date));
  const [opening, closing] = [await before(from), await before(to)];
  const due = advance(bookOf(row), rightBefore(to)).entries.filter(({ at }) => at >= from);
  return {
    openingBalance: formatUnits(opening.balance),
    closingBalance: formatUnits(closing.balance),
    csv: [HEAD, ...entries.map(lineOf), ...due.map(lineOfDue)].map((line) => `${line}\r\n`).join(''),
  };
}

const lineOf = (entry: CreditEntry): string =>
  lineWith(entry, { units: entry.units.toFixed(), balance: entry.balance.toFixed() });

const lineOfDue = (entry: Entry): string =>
  lineWith(entry, { units: formatUnits(entry.units), balance: formatUnits(entry.balance) });

const lineWith = (
  { at, type, cause, lotId, note }: Pick<CreditEntry, 'at' | 'type' | 'cause' | 'lotId' | 'note'>,
  { units, balance }: Record<'units' | 'balance', string>,
): string => [at.toISOString(), type, units, balance, cause ?? '', lotId ?? '', cell(note ?? '')].join(',');

/** As RFC 4180 has it. What spreadsheets would take for a formula is made plain text. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
