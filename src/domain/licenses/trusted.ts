import { batching } from '../../lib/batching.ts';
import { type Entry, openShelf } from './shelf.ts';

/** What is read often and changes seldom, kept in this process for as long as it can be trusted. */
export interface Trusted<Asked, Value> {
  /** At once when it was read a moment ago; null when there is none. */
  find(name: string, asked: Asked): Value | null | Promise<Value | null>;
  /** What was read of this owner's counts no more. */
  forget(owner: string): void;
}

/**
 * Nothing older is trusted, whoever has failed to tell of a change: a refusal reaches every node within a second even
 * while no bell rings.
 */
const TRUSTED_MS = 500;
/** From this age on what is asked for is read anew, while it still answers. */
const RENEWED_MS = 250;
const BATCH = { most: 500, lanes: 2 };

/** What is missed together is read together, each of it once. `readAll` answers in the order it is asked. */
export function openTrusted<Asked, Value>(
  readAll: (asked: readonly Asked[]) => Promise<readonly (Value | null)[]>,
  ownerOf: (value: Value) => string,
): Trusted<Asked, Value> {
  const shelf = openShelf(TRUSTED_MS, ownerOf);
  let underWay = new Map<string, Promise<Entry<Value>>>();

  const read = batching<Asked, Entry<Value>>(BATCH, async (asked) => {
    const readAt = performance.now();
    return (await readAll(asked)).map((value) => ({ value, readAt }));
  });
  const load = (name: string, asked: Asked): Promise<Entry<Value>> => {
    const flights = underWay;
    const known = flights.get(name);
    if (known) return known;
    const land = (entry: Entry<Value>) => {
      shelf.put(name, entry);
      return entry;
    };
    const flight = read(asked)
      .then(land)
      .finally(() => flights.delete(name));
    flights.set(name, flight);
    return flight;
  };

  return {
    find(name, asked) {
      const entry = shelf.get(name);
      const age = entry ? performance.now() - entry.readAt : Number.POSITIVE_INFINITY;
      if (!entry || age > TRUSTED_MS) return load(name, asked).then(({ value }) => value);
      if (age > RENEWED_MS) load(name, asked).catch(() => {});
      return entry.value;
    },
    forget(owner) {
      // Whoever asks from here on must not join a reading that has begun before.
      underWay = new Map();
      shelf.forget(owner);
    },
  };
}
