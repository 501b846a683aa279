import type { Tx } from '../../platform/unit-of-work.ts';
import type { CustomerBy } from '../customers.ts';
import type { Named } from './book.ts';

/** The ids of the customers that are meant, in the order in which they are named; null where there is none. */
export async function find(
  tx: Tx,
  named: readonly { organizationId: string; customer: CustomerBy }[],
): Promise<(string | null)[]> {
  const rows = await tx.db.$queryRaw<{ place: bigint; id: string }[]>`
    SELECT n.place, c.id FROM unnest(${named.map(({ organizationId }) => organizationId)}::text[],
      ${named.map(({ customer }) => customer.id ?? null)}::text[], ${named.map(({ customer }) => customer.externalId?.trim() ?? null)}::text[],
      ${named.map(({ customer }) => customer.email?.trim().toLowerCase() ?? null)}::text[])
      WITH ORDINALITY AS n(organization, id, external, email, place)
    CROSS JOIN LATERAL (
      SELECT id FROM "Customer" WHERE id = n.id AND "organizationId" = n.organization
      UNION ALL SELECT id FROM "Customer" WHERE "organizationId" = n.organization AND "externalId" = n.external
      UNION ALL SELECT id FROM "Customer" WHERE "organizationId" = n.organization AND email = n.email LIMIT 1) c`;
  const found = new Map(rows.map(({ place, id }) => [Number(place), id]));
  return named.map((_, index) => found.get(index + 1) ?? null);
}

/** Changes of one customer come one after the other; whoever changes several takes them in one order. */
export async function lockAll(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) {
    await tx.db.$queryRaw`
      SELECT 1 FROM "Customer" WHERE id = ANY(${[...new Set(ids)]}::text[]) ORDER BY id FOR NO KEY UPDATE`;
  }
  tx.now = tx.clock();
}

export const nameOf = ({ customerId, meterId }: Named): string => `${customerId} ${meterId}`;
