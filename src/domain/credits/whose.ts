import type { Tx } from '../../platform/unit-of-work.ts';
import type { CustomerBy } from '../customers.ts';
import type { Named } from './book.ts';

/** The ids of the customers that are meant, in the order in which they are named; null where there is none. */
export async function find(
  tx: Tx,
  named: readonly { organizationId: string; customer: CustomerBy }[],
): Promise<(string | null)[]> {
  const rows = await tx.run<{ place: string; id: string }>('whose', WHOSE, [
    named.map(({ organizationId }) => organizationId),
    named.map(({ customer }) => customer.id ?? null),
    named.map(({ customer }) => customer.externalId?.trim() ?? null),
    named.map(({ customer }) => customer.email?.trim().toLowerCase() ?? null),
  ]);
  const found = new Map(rows.map(({ place, id }) => [Number(place), id]));
  return named.map((_, index) => found.get(index + 1) ?? null);
}

const WHOSE = `
  SELECT n.place, c.id FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
    WITH ORDINALITY AS n(organization, id, external, email, place)
  CROSS JOIN LATERAL (
    SELECT id FROM "Customer" WHERE id = n.id AND "organizationId" = n.organization
    UNION ALL SELECT id FROM "Customer" WHERE "organizationId" = n.organization AND "externalId" = n.external
    UNION ALL SELECT id FROM "Customer" WHERE "organizationId" = n.organization AND email = n.email LIMIT 1) c`;

/** Changes of one customer come one after the other; whoever changes several takes them in one order. */
export async function lockAll(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) {
    await tx.run('lock customers', 'SELECT 1 FROM "Customer" WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE', [
      [...new Set(ids)],
    ]);
  }
  tx.now = tx.clock();
}

export const nameOf = ({ customerId, meterId }: Named): string => `${customerId} ${meterId}`;
