import { type Meter, Prisma } from '../../../prisma/generated/client/client.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import { DAY_MS, HOUR_MS } from '../../lib/time.ts';
import type { Database } from '../../platform/database.ts';
import type { CustomerBy } from '../customers.ts';
import { measureOf } from '../usage/charging.ts';
import { aggregateOf, conditionOf } from './conditions.ts';

export const INTERVALS = ['HOUR', 'DAY', 'WEEK', 'MONTH'] as const;
export type Interval = (typeof INTERVALS)[number];

export interface Quantity {
  startsAt: Date;
  endsAt: Date;
  /** Null where there is no usage to take a MAX, MIN or AVG of. */
  quantity: Prisma.Decimal | null;
}

export interface Quantities {
  total: Prisma.Decimal | null;
  buckets: Quantity[];
}

export interface Wanted {
  interval: Interval;
  /** An IANA name. */
  timeZone: string;
  from: Date;
  to: Date;
  customers?: readonly CustomerBy[] | null;
}

const MOST_BUCKETS = 1_000;
const MOST_CUSTOMERS = 100;
/** As short as each can be. */
const SHORTEST_MS: Record<Interval, number> = {
  HOUR: HOUR_MS,
  DAY: 23 * HOUR_MS,
  WEEK: 6 * DAY_MS,
  MONTH: 27 * DAY_MS,
};
const UNKNOWN_ZONE = '22023';

/** What a meter measured over time: each hour, day, week or month of a time zone, whatever its clocks did meanwhile. */
export async function quantities({ prisma }: Database, meter: Meter, wanted: Wanted): Promise<Quantities> {
  const { from, to, customers } = check(wanted);
  const bounds = await boundsOf(prisma, wanted);
  const measure = measureOf(meter);
  const aggregate = aggregateOf(measure);
  const counted = Prisma.sql`
    FROM "UsageEvent" e WHERE e."organizationId" = ${meter.organizationId}
      AND e.timestamp >= ${from} AND e.timestamp < ${to}
      AND ${withinOf(meter)}
      ${customers ? ofCustomers(meter.organizationId, customers) : Prisma.empty}
      AND ${conditionOf(measure.filter)}`;
  const [rows, [all]] = await Promise.all([
    prisma.$queryRaw<{ bucket: number; quantity: Prisma.Decimal | null }[]>`
      SELECT width_bucket(e.timestamp, ${bounds}::timestamptz[]) AS bucket, ${aggregate} AS quantity ${counted} GROUP BY 1`,
    prisma.$queryRaw<{ quantity: Prisma.Decimal | null }[]>`SELECT ${aggregate} AS quantity ${counted}`,
  ]);
  const found = new Map(rows.map(({ bucket, quantity }) => [bucket, quantity]));
  const nothing = ['MAX', 'MIN', 'AVG'].includes(meter.aggregation) ? null : new Prisma.Decimal(0);
  return {
    total: all?.quantity ?? nothing,
    buckets: bounds.map((startsAt, index) => ({
      startsAt,
      endsAt: bounds[index + 1] ?? to,
      quantity: found.get(index + 1) ?? nothing,
    })),
  };
}

/** What a meter looks at: what was recorded before it was archived. */
export const withinOf = ({ endsAfter }: Meter): Prisma.Sql =>
  endsAfter === null ? Prisma.sql`TRUE` : Prisma.sql`e.sequence <= ${endsAfter}`;

function check({ interval, from, to, customers }: Wanted) {
  if (to <= from) throw new InvalidInputError('It must lie after `from`.', ['to']);
  if ((to.getTime() - from.getTime()) / SHORTEST_MS[interval] > MOST_BUCKETS - 2)
    throw new InvalidInputError(`That makes more than ${MOST_BUCKETS} intervals; ask for longer ones.`, ['interval']);
  if (customers && customers.length > MOST_CUSTOMERS)
    throw new InvalidInputError(`It may name ${MOST_CUSTOMERS} customers at most.`, ['customers']);
  return { from, to, customers };
}

/** Where intervals begin, by the clocks of the zone. Stepping alone would keep an hour that a clock once skipped. */
async function boundsOf(prisma: Database['prisma'], { interval, timeZone, from, to }: Wanted): Promise<Date[]> {
  const unit = interval.toLowerCase();
  try {
    const rows = await prisma.$queryRaw<{ bound: Date }[]>`
      SELECT DISTINCT date_trunc(${unit}, step, ${timeZone}) AS bound
      FROM generate_series(date_trunc(${unit}, ${from}::timestamptz, ${timeZone}), ${to}::timestamptz + interval '1 day', ${`1 ${unit}`}::interval, ${timeZone}) AS step
      WHERE date_trunc(${unit}, step, ${timeZone}) < ${to}::timestamptz ORDER BY 1`;
    return rows.map(({ bound }) => bound);
  } catch (error) {
    if (JSON.stringify(error).includes(UNKNOWN_ZONE))
      throw new InvalidInputError('There is no such time zone; name one such as Europe/Berlin.', ['timeZone']);
    throw error;
  }
}

/** Usage that waits for a customer to come counts as theirs already. */
function ofCustomers(organizationId: string, customers: readonly CustomerBy[]): Prisma.Sql {
  const named = (column: keyof CustomerBy) =>
    customers.flatMap((by) => (by[column] == null ? [] : [by[column].trim()]));
  const emails = named('email').map((email) => email.toLowerCase());
  return Prisma.sql`AND (
    e."customerId" IN (
      SELECT id FROM "Customer" WHERE "organizationId" = ${organizationId}
        AND (id = ANY(${named('id')}::text[]) OR "externalId" = ANY(${named('externalId')}::text[]) OR email = ANY(${emails}::text[])))
    OR (e."customerId" IS NULL AND e."externalCustomerId" = ANY(${named('externalId')}::text[])))`;
}
