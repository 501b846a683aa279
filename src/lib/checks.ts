import { InvalidInputError } from './errors.ts';

const METADATA_KEYS = 50;
const METADATA_KEY_CHARACTERS = 40;
const METADATA_VALUE_CHARACTERS = 500;
const EMAIL_CHARACTERS = 254;

export type Metadata = Record<string, string | number | boolean>;

/** Text without surrounding space, neither empty nor longer than `max` characters. */
export function checkText(value: string, path: string[], max: number): string {
  const text = value.trim();
  if (!isStorable(text)) throw new InvalidInputError('It is not well-formed text.', path);
  if (text === '') throw new InvalidInputError('It may not be empty.', path);
  if (text.length > max) throw new InvalidInputError(`It may have at most ${max} characters.`, path);
  return text;
}

/** An e-mail address, lower-cased. Whether anyone reads it only a mail can tell. */
export function checkEmail(value: string, path: string[]): string {
  const email = value.trim().toLowerCase();
  const plausible = /^[^\s@<>(),;:"\\[\]]+@[^\s@<>(),;:"\\[\]]+\.[^\s@<>(),;:"\\[\].]+$/u.test(email);
  if (!plausible || !isStorable(email) || email.length > EMAIL_CHARACTERS)
    throw new InvalidInputError('It is not an e-mail address.', path);
  return email;
}

/** Up to 50 keys of up to 40 characters; values are strings of up to 500 characters, finite numbers or booleans. */
export function checkMetadata(value: unknown, path: string[]): Metadata {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidInputError('It must be an object of keys and values.', path);
  }
  const entries = Object.entries(value);
  if (entries.length > METADATA_KEYS) throw new InvalidInputError(`It may have at most ${METADATA_KEYS} keys.`, path);
  for (const [key, entry] of entries) {
    if (key === '' || key.length > METADATA_KEY_CHARACTERS || !isStorable(key)) {
      throw new InvalidInputError(`Keys have 1 to ${METADATA_KEY_CHARACTERS} characters.`, [...path, key]);
    }
    const fits =
      typeof entry === 'boolean' ||
      (typeof entry === 'number' && Number.isFinite(entry)) ||
      (typeof entry === 'string' && entry.length <= METADATA_VALUE_CHARACTERS && isStorable(entry));
    if (!fits) {
      throw new InvalidInputError(
        `Values are strings of at most ${METADATA_VALUE_CHARACTERS} characters, numbers or booleans.`,
        [...path, key],
      );
    }
  }
  return value as Metadata;
}

/** A whole number from `min` to `max`. */
export function checkInteger(value: number, path: string[], min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new InvalidInputError(`It must be a whole number from ${min} to ${max}.`, path);
  }
  return value;
}

/** An id another system gave something. */
export const checkExternalId = (value: string, path: string[]): string => checkText(value, path, 200);

/** What was given, checked; null where nothing was. */
export const checkIfAny = <Given, Kept>(value: Given | null | undefined, check: (value: Given) => Kept): Kept | null =>
  value === null || value === undefined ? null : check(value);

/** PostgreSQL keeps no NUL and no half of a surrogate pair. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();
