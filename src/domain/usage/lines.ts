import { InvalidInputError } from '../../lib/errors.ts';
import { parseInstant } from '../../lib/instant.ts';
import type { CustomerBy } from '../customers.ts';
import type { Report } from './checking.ts';

const FIELDS = new Set(['name', 'customer', 'externalId', 'timestamp', 'metadata']);
const NAMES = new Set(['id', 'externalId', 'email']);

/** What a line of a file reports, in the words of the API. Throws when it is nothing like it. */
export function readReport(line: string): Report {
  const { name, customer, externalId, timestamp, metadata } = known(parse(line), FIELDS, []);
  const by = known(customer, NAMES, ['customer']);
  for (const [key, value] of Object.entries(by)) text(value, ['customer', key]);
  return {
    name: text(name, ['name']),
    customer: by as CustomerBy,
    externalId: externalId == null ? null : text(externalId, ['externalId']),
    timestamp: timestamp == null ? null : instant(timestamp),
    metadata,
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new InvalidInputError('It is not valid JSON.', []);
  }
}

function known(value: unknown, fields: ReadonlySet<string>, path: string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidInputError('It must be a JSON object.', path);
  for (const key of Object.keys(value))
    if (!fields.has(key))
      throw new InvalidInputError(`There is no such field; there are ${[...fields].join(', ')}.`, [...path, key]);
  return value as Record<string, unknown>;
}

function text(value: unknown, path: string[]): string {
  if (typeof value !== 'string') throw new InvalidInputError('It must be text.', path);
  return value;
}

function instant(value: unknown): Date {
  const date = typeof value === 'string' ? parseInstant(value) : null;
  if (!date) throw new InvalidInputError('It must be an RFC 3339 time, such as 2026-03-01T12:00:00Z.', ['timestamp']);
  return date;
}
