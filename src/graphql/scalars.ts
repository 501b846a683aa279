import { GraphQLError, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import { parseInstant } from '../lib/instant.ts';
import type { Builder } from './builder.ts';

const DECIMAL = /^-?\d{1,20}(\.\d{1,18})?$/;
const WHOLE = /^-?\d{1,19}$/;
const BIGGEST = 2n ** 63n - 1n;

export function defineScalars(builder: Builder): void {
  builder.scalarType('DateTime', {
    description:
      'An instant, RFC 3339 with a time zone, such as `2026-03-01T12:00:00Z`. Answers are in UTC, to the millisecond.',
    serialize: (value) => value.toISOString(),
    parseValue: parseDateTime,
  });
  builder.scalarType('Decimal', {
    description:
      'An exact decimal number, written as a string: `"19.90"`. Up to 20 digits before the point and 18 after it.',
    serialize: (value) => (typeof value === 'string' ? value : value.toFixed()),
    parseValue: (value) =>
      typeof value === 'string' && DECIMAL.test(value)
        ? value
        : refuse('It must be a decimal number written as a string.'),
  });
  builder.scalarType('BigInt', {
    description: 'A whole number of up to 64 bits, written as a string, for instance a size in bytes.',
    serialize: String,
    parseValue: parseBigInt,
  });
  builder.scalarType('JSON', {
    description: 'Any JSON value.',
    serialize: (value) => value,
    parseValue: (value) => value,
    parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
  });
  builder.scalarType('Metadata', {
    description:
      'Up to 50 keys of up to 40 characters. Values are strings of up to 500 characters, numbers or booleans.',
    serialize: (value) => value,
    parseValue: parseObject,
    parseLiteral: (node: ValueNode, variables) =>
      node.kind === Kind.OBJECT
        ? parseObject(valueFromASTUntyped(node, variables))
        : refuse('It must be an object of keys and values.'),
  });
}

const parseDateTime = (value: unknown): Date =>
  (typeof value === 'string' ? parseInstant(value) : null) ??
  refuse('It must be an RFC 3339 time of the years 1 to 9999 with a time zone, such as 2026-03-01T12:00:00Z.');

function parseBigInt(value: unknown): bigint {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string' || !WHOLE.test(text)) return refuse('It must be a whole number written as a string.');
  const number = BigInt(text);
  return number > BIGGEST || number < -BIGGEST ? refuse('It must fit into 64 bits.') : number;
}

const parseObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : refuse('It must be an object of keys and values.');

function refuse(message: string): never {
  throw new GraphQLError(message);
}
