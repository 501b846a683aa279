import { getDatamodel } from '../../../prisma/generated/pothos.ts';
import { type Rows, SOURCES } from './rows.ts';

const models = getDatamodel().datamodel.models as unknown as Record<
  string,
  { fields: { name: string; type: string }[] }
>;

/** Of each table, the columns that JSON has no type for: instants and bytes. */
const INSTANTS = namesOf('DateTime', ['periodStart', 'periodEnd', 'entitledUntil', 'stoppedAt']);
const BYTES = namesOf('Bytes', []);

/** A row that came as JSON, as it would have come by itself. */
export function revive<Table extends keyof Rows>(table: Table, row: Rows[Table]): Rows[Table] {
  const values = row as unknown as Record<string, unknown>;
  for (const name of INSTANTS[table]) if (values[name]) values[name] = new Date(values[name] as string);
  for (const name of BYTES[table])
    if (values[name]) values[name] = Buffer.from((values[name] as string).slice(2), 'hex');
  return row;
}

function namesOf(type: string, joined: readonly string[]): Record<keyof Rows, string[]> {
  const named = (table: string) =>
    models[table]?.fields.filter((field) => field.type === type).map((field) => field.name);
  return Object.fromEntries(
    Object.keys(SOURCES).map((table) => [table, [...new Set([...(named(table) ?? []), ...joined])]]),
  ) as never;
}
