export type Json = Record<string, unknown>;

/** Columns whose values are names of our own. */
const ENUMS = new Set(['status', 'state', 'disabledBecause']);
/** What others wrote: its names are theirs. */
const THEIRS = new Set(['metadata', 'meta', 'conditions']);

/** The same with names as they are written on the wire, however deep. */
export const snake = (value: Json): Json =>
  Object.fromEntries(Object.entries(value).map(([key, entry]) => [snakeName(key), wireValue(key, entry)]));

export const snakeName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export const lower = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

function wireValue(key: string, value: unknown): unknown {
  if (ENUMS.has(key)) return lower(value);
  return isRecord(value) && !THEIRS.has(key) ? snake(value) : value;
}

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
