import { isStorable } from './checks.ts';
import { InvalidInputError } from './errors.ts';

const DEEPEST = 32;

/** PostgreSQL keeps no NUL and no half of a surrogate pair: text with one is refused before it gets there. */
export function checkWellFormed(input: unknown): void {
  const flaw = flawIn(input, 0);
  if (flaw) throw new InvalidInputError(flaw.why, flaw.path.reverse());
}

interface Flaw {
  why: string;
  /** From within. */
  path: string[];
}

/** Where it is stands only when something is found: nearly always there is nothing. */
function flawIn(value: unknown, depth: number): Flaw | null {
  if (depth > DEEPEST) return { why: 'It is nested too deeply.', path: [] };
  if (typeof value === 'string') return isStorable(value) ? null : { why: 'It is not well-formed text.', path: [] };
  if (typeof value !== 'object' || value === null || value instanceof Date) return null;
  for (const key of Object.keys(value)) {
    // What a key of an object is is told with the object.
    const flaw = Array.isArray(value) ? null : flawIn(key, 0);
    if (flaw) return flaw;
    const within = flawIn((value as Record<string, unknown>)[key], depth + 1);
    if (within) return { ...within, path: [...within.path, key] };
  }
  return null;
}
