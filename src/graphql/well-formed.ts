import { InvalidInputError } from '../lib/errors.ts';

const DEEPEST = 32;

/** PostgreSQL keeps no NUL and no half of a surrogate pair: text with one is refused before it gets there. */
export function checkWellFormed(value: unknown, path: readonly string[] = []): void {
  if (path.length > DEEPEST) throw new InvalidInputError('It is nested too deeply.', path);
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed()) throw new InvalidInputError('It is not well-formed text.', path);
  } else if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) checkWellFormed(entry, [...path, String(index)]);
  } else if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    for (const [key, entry] of Object.entries(value)) {
      checkWellFormed(key, path);
      checkWellFormed(entry, [...path, key]);
    }
  }
}
