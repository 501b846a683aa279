export type Json = Record<string, unknown>;

/** What others wrote: its names are theirs. */
const THEIRS = new Set(['metadata', 'meta', 'conditions']);

/** The same with names like `is_granted`, however deep; `__typename` is left out. */
export const snake = <Told>(value: object): Told => renamed(value, snakeName) as Told;

/** The same with names like `isGranted`, however deep. */
export const camel = (value: object): Json => renamed(value, camelName) as Json;

const snakeName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelName = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renamed(entry, rename));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => name !== '__typename');
  return Object.fromEntries(
    entries.map(([name, entry]) => [rename(name), THEIRS.has(name) ? entry : renamed(entry, rename)]),
  );
}
