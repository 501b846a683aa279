import { Prisma } from '../../../prisma/generated/client/client.ts';
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
  const wanted = (column: keyof CustomerBy) => [
    ...new Set(named.map((by) => by[column]).filter((value) => value != null)),
  ];
  const [ids, externalIds, emails] = [wanted('id'), wanted('externalId'), wanted('email')];
  const parts = [
    ids.length > 0 &&
      Prisma.sql`SELECT 'id' AS kind, id AS name, id FROM "Customer" WHERE "organizationId" = ${organizationId} AND id = ANY(${ids})`,
    externalIds.length > 0 &&
      Prisma.sql`SELECT 'externalId' AS kind, "externalId" AS name, id FROM "Customer" WHERE "organizationId" = ${organizationId} AND "externalId" = ANY(${externalIds})`,
    emails.length > 0 &&
      Prisma.sql`SELECT 'email' AS kind, email AS name, id FROM "Customer" WHERE "organizationId" = ${organizationId} AND email = ANY(${emails})`,
  ].filter((part) => part !== false);
  if (parts.length === 0) return new Map();
  const rows = await tx.db.$queryRaw<{ kind: string; name: string; id: string }[]>(Prisma.join(parts, ' UNION ALL '));
  return new Map(rows.map(({ kind, name, id }) => [`${kind} ${name}`, id]));
}

function keyOf({ id, externalId, email }: CustomerBy): string {
  if (id != null) return `id ${id}`;
  return externalId != null ? `externalId ${externalId}` : `email ${email}`;
}
