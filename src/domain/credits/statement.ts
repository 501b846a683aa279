import type { CreditEntry } from '../../../prisma/generated/client/client.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import { formatUnits } from '../../lib/units.ts';
import type { Database } from '../../platform/database.ts';
import { balanceThen } from './past.ts';
import type { BalanceRow } from './rows.ts';

/** More lines than anybody reads; a shorter time has fewer. */
const MOST_LINES = 10_000;
const HEAD = 'at,type,units,balance,cause,lot,note';

export interface Statement {
  openingBalance: string;
  closingBalance: string;
  csv: string;
}

/** What was entered from one instant, inclusive, to another, exclusive. */
export async function statement(
  database: Database,
  row: BalanceRow,
  { from, to }: { from: Date; to: Date },
): Promise<Statement> {
  if (to <= from) throw new InvalidInputError('It must lie after `from`.', ['to']);
  const entries = await database.prisma.creditEntry.findMany({
    where: { balanceId: row.id, at: { gte: from, lt: to } },
    orderBy: { sequence: 'asc' },
    take: MOST_LINES + 1,
  });
  if (entries.length > MOST_LINES)
    throw new InvalidInputError(`It has more than ${MOST_LINES} lines; ask for a shorter time.`, ['to']);
  const before = (date: Date) => balanceThen(database, row, new Date(date.getTime() - 1));
  const [opening, closing] = [await before(from), await before(to)];
  return {
    openingBalance: formatUnits(opening.balance),
    closingBalance: formatUnits(closing.balance),
    csv: [HEAD, ...entries.map(lineOf)].map((line) => `${line}\r\n`).join(''),
  };
}

const lineOf = ({ at, type, units, balance, cause, lotId, note }: CreditEntry): string =>
  [at.toISOString(), type, units.toFixed(), balance.toFixed(), cause ?? '', lotId ?? '', cell(note ?? '')].join(',');

/** As RFC 4180 has it. What spreadsheets would take for a formula is made plain text. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
