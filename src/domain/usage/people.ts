import type { Tx } from '../../platform/unit-of-work.ts';
import type { CustomerBy } from '../customers.ts';
import { holdStrangers } from './strangers.ts';

/** Answers the id of the customer that is meant; undefined when there is none. */
export type WhoIs = (by: CustomerBy) => string | undefined;

/** Finds everybody who is named, all at once. Nobody who is not there yet can come before this transaction is over. */
export async function findPeople(tx: Tx, organizationId: string, named: readonly CustomerBy[]): Promise<WhoIs> {
  const found = await look(tx, organizationId, named);
  const strangers = named.filter((by) => by.externalId && !found.has(keyOf(by)));
  if (strangers.length > 0) {
    await holdStrangers(tx, organizationId);
    for (const [key, id] of await look(tx, organizationId, strangers)) found.set(key, id);
  }
  return (by) => found.get(keyOf(by));
}

async function look(tx: Tx, organizationId: string, named: readonly CustomerBy[]): Promise<Map<string, string>> {
  const wanted = COLUMNS.map((column) => ({
    column,
    values: [...new Set(named.flatMap((by) => by[column] ?? []))],
  })).filter(({ values }) => values.length > 0);
  if (wanted.length === 0) return new Map();
  const parts = wanted.map(
    ({ column }, index) =>
      `SELECT '${column}' AS kind, n.name, c.id FROM unnest($${index + 2}::text[]) AS n(name)
       JOIN "Customer" c ON c."organizationId" = $1 AND c."${column}" = n.name`,
  );
  const rows = await tx.run<{ kind: string; name: string; id: string }>(
    `people by ${wanted.map(({ column }) => column).join(', ')}`,
    parts.join(' UNION ALL '),
    [organizationId, ...wanted.map(({ values }) => values)],
  );
  return new Map(rows.map(({ kind, name, id }) => [`${kind} ${name}`, id]));
}

const COLUMNS = ['id', 'externalId', 'email'] as const;

function keyOf({ id, externalId, email }: CustomerBy): string {
  if (id != null) return `id ${id}`;
  return externalId != null ? `externalId ${externalId}` : `email ${email}`;
}
