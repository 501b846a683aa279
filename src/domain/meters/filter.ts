import { isStorable } from '../../lib/checks.ts';
import { InvalidInputError } from '../../lib/errors.ts';
import { parseInstant } from '../../lib/instant.ts';

/** Which usage a meter counts: a condition on one property, or several such filters joined. */
export type Filter = Clause | { conjunction: Conjunction; clauses: readonly Filter[] };

export interface Clause {
  property: string;
  operator: Operator;
  value: string | number | boolean;
}

export const CONJUNCTIONS = ['AND', 'OR'] as const;
export type Conjunction = (typeof CONJUNCTIONS)[number];

export const OPERATORS = ['EQ', 'NE', 'GT', 'GTE', 'LT', 'LTE', 'LIKE', 'NOT_LIKE'] as const;
export type Operator = (typeof OPERATORS)[number];

/** Properties that are the event's own; any other names a value of its metadata. */
export const OWN_PROPERTIES: ReadonlySet<string> = new Set(['name', 'timestamp', 'externalId']);

/** Filters within filters. */
const DEEPEST = 10;
const MOST_CLAUSES = 100;
const PROPERTY_CHARACTERS = 200;
const VALUE_CHARACTERS = 500;

/** What somebody asks for, whose shape only says what it might be. */
interface Asked {
  property?: unknown;
  operator?: unknown;
  value?: unknown;
  conjunction?: unknown;
  clauses?: unknown;
}

/** A filter that can be held against usage; throws at the first thing wrong with it. */
export function checkFilter(asked: unknown, path: readonly string[]): Filter {
  let clauses = 0;
  const check = (given: unknown, at: readonly string[], depth: number): Filter => {
    if (depth > DEEPEST) throw new InvalidInputError(`Filters may be nested ${DEEPEST} deep at most.`, at);
    if (++clauses > MOST_CLAUSES)
      throw new InvalidInputError(`A filter may have ${MOST_CLAUSES} parts at most.`, [...path]);
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw new InvalidInputError('It must be a filter.', at);
    const { conjunction, clauses: parts, ...clause } = withoutNulls(given);
    if (conjunction === undefined && parts === undefined) return checkClause(clause, at);
    if (Object.keys(clause).length > 0)
      throw new InvalidInputError('It is either {property, operator, value} or {conjunction, clauses}.', at);
    if (!CONJUNCTIONS.includes(conjunction as Conjunction))
      throw new InvalidInputError('It must be AND or OR.', [...at, 'conjunction']);
    if (!Array.isArray(parts) || parts.length === 0)
      throw new InvalidInputError('It must be a list of at least one filter.', [...at, 'clauses']);
    return {
      conjunction: conjunction as Conjunction,
      clauses: parts.map((part, index) => check(part, [...at, 'clauses', String(index)], depth + 1)),
    };
  };
  return check(asked, path, 1);
}

/** The name of a property: one of the event's own, or a key of its metadata, dots leading into nested ones. */
export function checkProperty(property: unknown, path: readonly string[]): string {
  const named = typeof property === 'string' ? property.trim() : '';
  const sound = named !== '' && named.length <= PROPERTY_CHARACTERS && isStorable(named);
  if (!sound) throw new InvalidInputError(`A property has 1 to ${PROPERTY_CHARACTERS} characters.`, path);
  return named;
}

function checkClause({ property, operator, value }: Asked, at: readonly string[]): Clause {
  const named = checkProperty(property, [...at, 'property']);
  if (!OPERATORS.includes(operator as Operator))
    throw new InvalidInputError(`It must be one of ${OPERATORS.join(', ')}.`, [...at, 'operator']);
  return { property: named, operator: operator as Operator, value: checkValue(named, operator as Operator, value, at) };
}

function checkValue(property: string, operator: Operator, value: unknown, at: readonly string[]): Clause['value'] {
  const refuse = (message: string): never => {
    throw new InvalidInputError(message, [...at, 'value']);
  };
  const likens = operator === 'LIKE' || operator === 'NOT_LIKE';
  if (property === 'timestamp') {
    if (likens) return refuse('A time is like nothing; compare it.');
    const instant = typeof value === 'string' ? parseInstant(value) : null;
    return instant?.toISOString() ?? refuse('It must be an RFC 3339 time, such as 2026-03-01T12:00:00Z.');
  }
  if (typeof value === 'string') {
    if (value.length > VALUE_CHARACTERS || !isStorable(value))
      return refuse(`It may have at most ${VALUE_CHARACTERS} characters.`);
    return value;
  }
  if (likens) return refuse('It must be text.');
  if (OWN_PROPERTIES.has(property)) return refuse('It must be text, as this property is.');
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'boolean') return refuse('It must be text, a number or a boolean.');
  if (operator !== 'EQ' && operator !== 'NE') return refuse('Booleans are equal or not; nothing lies between.');
  return value;
}

const withoutNulls = (given: object): Asked =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined));
