/*
 * Many rows of one table in one statement, however many they are: they travel as one parameter, so that the statement
 * stays the same. Names of tables and columns come from the code, never from a caller.
 */

/** As much of Prisma, or of one of its transactions, as it takes to run a statement. */
interface Sql {
  $executeRawUnsafe(text: string, ...values: unknown[]): Promise<number>;
}

/** Columns by their names. What is undefined is not named; bytes travel as PostgreSQL writes them. */
type Columns = Record<string, unknown>;

/** Adds rows. What none of them names is as the table's defaults say. */
export async function insert(db: Sql, table: string, rows: readonly Columns[]): Promise<void> {
  if (rows.length === 0) return;
  const columns = columnsOf(rows);
  await db.$executeRawUnsafe(
    `INSERT INTO "${table}" (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(null::"${table}", $1::jsonb)`,
    toJson(rows),
  );
}

/**
 * Changes rows, each in the columns that it names and in no other: what others wrote into the rest of it meanwhile
 * stays.
 */
export async function patch(db: Sql, table: string, rows: readonly (Columns & { id: string })[]): Promise<void> {
  if (rows.length === 0) return;
  const columns = columnsOf(rows.map(({ id: _, ...changed }) => changed));
  await db.$executeRawUnsafe(
    `UPDATE "${table}" AS t SET (${columns}) = (SELECT ${columns} FROM jsonb_populate_record(t, p.patch))
     FROM jsonb_array_elements($1::jsonb) AS p(patch) WHERE t.id = p.patch->>'id'`,
    toJson(rows),
  );
}

const columnsOf = (rows: readonly Columns[]): string =>
  [...new Set(rows.flatMap((row) => Object.keys(row)))].map((name) => `"${name}"`).join(', ');

const toJson = (rows: readonly Columns[]): string =>
  JSON.stringify(rows, (_, value: unknown) =>
    value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : value,
  );
