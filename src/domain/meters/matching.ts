import type { MeterAggregation } from '../../../prisma/generated/client/client.ts';
import { Prisma } from '../../../prisma/generated/client/client.ts';
import { parseUnits, type Units, wholeUnits } from '../../lib/units.ts';
import type { Clause, Filter, Operator } from './filter.ts';
import { like } from './like.ts';

/** As much of a usage event as meters look at. */
export interface Occurrence {
  name: string;
  timestamp: Date;
  externalId: string | null;
  metadata: object;
}

export interface Measure {
  filter: Filter | null;
  aggregation: MeterAggregation;
  property: string | null;
}

/** Units are kept to so many places after the point. */
export const UNIT_PLACES = 18;
/** More than this is no usage but a mistake. */
export const MOST_UNITS = 1e15;

/** Whether it adds up: only what does can burn credits. */
export const isAdditive = (aggregation: MeterAggregation): boolean => aggregation === 'COUNT' || aggregation === 'SUM';

/** Whether a filter lets an event through. What is missing, or of another type, matches nothing, unequal included. */
export function matches(filter: Filter | null, event: Occurrence): boolean {
  if (filter === null) return true;
  if ('property' in filter) return holds(filter, read(event, filter.property));
  return filter.conjunction === 'AND'
    ? filter.clauses.every((clause) => matches(clause, event))
    : filter.clauses.some((clause) => matches(clause, event));
}

/** How many units an event adds to a meter that adds up; null when it is none of its business. */
export function unitsOf(meter: Measure, event: Occurrence): Units | null {
  if (!isAdditive(meter.aggregation) || !matches(meter.filter, event)) return null;
  if (meter.property === null) return ONE;
  const value = read(event, meter.property);
  if (typeof value !== 'number' || value < 0 || value > MOST_UNITS) return null;
  // Nearly everything is counted in whole numbers, which need no rounding.
  if (Number.isInteger(value)) return wholeUnits(value);
  return parseUnits(new Prisma.Decimal(value).toDecimalPlaces(UNIT_PLACES).toFixed());
}

/** A value that a meter would add up, if it were not below zero or beyond all measure. */
export function unfit(meter: Measure, event: Occurrence): number | null {
  if (meter.aggregation !== 'SUM' || meter.property === null) return null;
  const value = read(event, meter.property);
  if (typeof value !== 'number' || (value >= 0 && value <= MOST_UNITS)) return null;
  return matches(meter.filter, event) ? value : null;
}

/** The value under a property. A key that has dots itself is found by its whole name before they lead anywhere. */
export function read(event: Occurrence, property: string): unknown {
  if (property === 'name') return event.name;
  if (property === 'externalId') return event.externalId;
  if (property === 'timestamp') return event.timestamp.toISOString();
  const direct = own(event.metadata, property);
  if (direct !== undefined || !property.includes('.')) return direct;
  return property.split('.').reduce<unknown>(own, event.metadata);
}

const ONE = wholeUnits(1);

const own = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;

function holds({ operator, value: wanted }: Clause, value: unknown): boolean {
  if (typeof value !== typeof wanted) return false;
  if (typeof value === 'number') return compare(operator, value - (wanted as number));
  if (typeof value !== 'string') return compare(operator, value === wanted ? 0 : 1);
  if (operator === 'LIKE') return like(value, wanted as string);
  if (operator === 'NOT_LIKE') return !like(value, wanted as string);
  return compare(operator, value === wanted ? 0 : Buffer.compare(Buffer.from(value), Buffer.from(wanted as string)));
}

function compare(operator: Operator, difference: number): boolean {
  switch (operator) {
    case 'EQ':
      return difference === 0;
    case 'NE':
      return difference !== 0;
    case 'GT':
      return difference > 0;
    case 'GTE':
      return difference >= 0;
    case 'LT':
      return difference < 0;
    case 'LTE':
      return difference <= 0;
    default:
      return false;
  }
}
