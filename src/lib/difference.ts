import { isDeepStrictEqual } from 'node:util';

/**
 * The names of what `wanted` would change about `before`. Compared as JSON, by what it says: neither the order of keys
 * nor one that is undefined makes a difference.
 */
export const differences = (before: object, wanted: object): string[] =>
  Object.entries(wanted)
    .filter(([name, value]) => !isDeepStrictEqual(plain(before[name as never]), plain(value)))
    .map(([name]) => name);

const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
