import { type Meter, Prisma, type UsageEvent } from '../../../prisma/generated/client/client.ts';
import type { Database } from '../../platform/database.ts';
import { type CustomerBy, columnOf } from '../customers.ts';
import { conditionOf } from '../meters/conditions.ts';
import { withinOf } from '../meters/quantities.ts';
import { measureOf } from './charging.ts';

/** Which usage is meant; all that is given must hold. */
export interface Which {
  organizationId: string;
  customer?: CustomerBy | null;
  /** What this meter counts. */
  meter?: Meter | null;
  name?: string | null;
  externalId?: string | null;
  /** When it was used: from then on, and before then. */
  from?: Date | null;
  to?: Date | null;
}

/** Usage that was recorded, newest first: by when things were used, and then by when that was recorded. */
export async function list(
  { prisma }: Database,
  where: Prisma.Sql,
  { limit, after }: { limit: number; after: string | null },
): Promise<UsageEvent[]> {
  const further = Prisma.sql`AND (e.timestamp, e.sequence) < (SELECT timestamp, sequence FROM "UsageEvent" WHERE id = ${after})`;
  return prisma.$queryRaw<UsageEvent[]>`
    SELECT e.* FROM "UsageEvent" e WHERE ${where} ${after === null ? Prisma.empty : further}
    ORDER BY e.timestamp DESC, e.sequence DESC LIMIT ${limit}`;
}

export async function count({ prisma }: Database, where: Prisma.Sql): Promise<number> {
  const [row] = await prisma.$queryRaw<{ count: bigint }[]>`SELECT count(*) FROM "UsageEvent" e WHERE ${where}`;
  return Number(row?.count);
}

/** As a condition on rows of "UsageEvent" called e. */
export async function conditionFor({ prisma }: Database, which: Which): Promise<Prisma.Sql> {
  const { organizationId, customer, meter, name, externalId, from, to } = which;
  const all = [Prisma.sql`e."organizationId" = ${organizationId}`];
  if (customer) {
    const { column, value } = columnOf(customer);
    const found = await prisma.customer.findFirst({ where: { organizationId, [column]: value }, select: { id: true } });
    all.push(ofCustomer(found?.id ?? null, column === 'externalId' ? value : null));
  }
  if (meter) all.push(withinOf(meter), conditionOf(measureOf(meter).filter));
  if (name != null) all.push(Prisma.sql`e.name = ${name}`);
  if (externalId != null) all.push(Prisma.sql`e."externalId" = ${externalId}`);
  if (from) all.push(Prisma.sql`e.timestamp >= ${from}`);
  if (to) all.push(Prisma.sql`e.timestamp < ${to}`);
  return Prisma.join(all, ' AND ');
}

/** Usage that waits for a customer to come counts as theirs already. */
function ofCustomer(id: string | null, externalId: string | null): Prisma.Sql {
  const waiting = Prisma.sql`(e."customerId" IS NULL AND e."externalCustomerId" = ${externalId})`;
  if (id === null) return externalId === null ? Prisma.sql`FALSE` : waiting;
  return externalId === null ? Prisma.sql`e."customerId" = ${id}` : Prisma.sql`(e."customerId" = ${id} OR ${waiting})`;
}
