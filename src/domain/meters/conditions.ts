import { Prisma } from '../../../prisma/generated/client/client.ts';
import type { Clause, Filter, Operator } from './filter.ts';
import { sqlLike } from './like.ts';
import { type Measure, MOST_UNITS, UNIT_PLACES } from './matching.ts';

/**
 * What `matching.ts` says of one event, said in SQL of many: of rows of "UsageEvent" called e. Nothing is negated,
 * so that what is neither true nor false matches nothing, as there.
 */
export function conditionOf(filter: Filter | null): Prisma.Sql {
  if (filter === null) return Prisma.sql`TRUE`;
  if ('property' in filter) return clauseOf(filter);
  const parts = filter.clauses.map(conditionOf);
  return Prisma.sql`(${Prisma.join(parts, filter.conjunction === 'AND' ? ' AND ' : ' OR ')})`;
}

/** How a meter sums up the rows it counts. */
export function aggregateOf({ aggregation, property }: Measure): Prisma.Sql {
  const value = property === null ? Prisma.empty : valueAt(property);
  const number = Prisma.sql`CASE WHEN jsonb_typeof(${value}) = 'number' THEN (${value} #>> '{}')::numeric END`;
  switch (aggregation) {
    case 'COUNT':
      return Prisma.sql`count(*)::numeric`;
    case 'SUM':
      return Prisma.sql`coalesce(sum(round(${number}, ${UNIT_PLACES}::int)) FILTER (WHERE ${number} BETWEEN 0 AND ${MOST_UNITS}::numeric), 0)`;
    case 'MAX':
      return Prisma.sql`max(${number})`;
    case 'MIN':
      return Prisma.sql`min(${number})`;
    case 'AVG':
      return Prisma.sql`round(avg(${number}), ${UNIT_PLACES}::int)`;
    case 'UNIQUE':
      return Prisma.sql`count(DISTINCT ${value}) FILTER (WHERE jsonb_typeof(${value}) IN ('string', 'number', 'boolean'))::numeric`;
  }
}

/** The value under a property, as JSON. */
function valueAt(property: string): Prisma.Sql {
  if (property === 'name') return Prisma.sql`to_jsonb(e.name)`;
  if (property === 'externalId') return Prisma.sql`to_jsonb(e."externalId")`;
  if (property === 'timestamp') return Prisma.sql`to_jsonb(e.timestamp)`;
  const direct = Prisma.sql`(e.metadata -> ${property}::text)`;
  if (!property.includes('.')) return direct;
  return Prisma.sql`coalesce(${direct}, e.metadata #> ${property.split('.')}::text[])`;
}

function clauseOf({ property, operator, value }: Clause): Prisma.Sql {
  if (property === 'timestamp') return compare(operator, Prisma.sql`e.timestamp`, Prisma.sql`${value}::timestamptz`);
  const found = valueAt(property);
  // Compared as JSON, where nothing has to be cast that may be of another type.
  if (typeof value === 'number')
    return Prisma.sql`(jsonb_typeof(${found}) = 'number' AND ${compare(operator, found, Prisma.sql`to_jsonb(${String(value)}::numeric)`)})`;
  if (typeof value === 'boolean')
    return Prisma.sql`(jsonb_typeof(${found}) = 'boolean' AND ${compare(operator, found, Prisma.sql`to_jsonb(${value}::boolean)`)})`;
  const text = Prisma.sql`((${found} #>> '{}') COLLATE "C")`;
  const wanted = operator === 'LIKE' || operator === 'NOT_LIKE' ? sqlLike(value) : value;
  return Prisma.sql`(jsonb_typeof(${found}) = 'string' AND ${compare(operator, text, Prisma.sql`${wanted}::text`)})`;
}

function compare(operator: Operator, left: Prisma.Sql, right: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`${left} ${SIGNS[operator]} ${right}`;
}

const SIGNS: Record<Operator, Prisma.Sql> = {
  EQ: Prisma.sql`=`,
  NE: Prisma.sql`<>`,
  GT: Prisma.sql`>`,
  GTE: Prisma.sql`>=`,
  LT: Prisma.sql`<`,
  LTE: Prisma.sql`<=`,
  LIKE: Prisma.sql`LIKE`,
  NOT_LIKE: Prisma.sql`NOT LIKE`,
};
