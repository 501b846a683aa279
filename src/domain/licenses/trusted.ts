import { batching } from '../../lib/batching.ts';
import type { Soon } from '../../lib/soon.ts';
import { type Entry, openShelf } from './shelf.ts';

/** What is read often and changes seldom, kept in this process for as long as it can be trusted. */
export interface Trusted<Asked, Value> {
  /** At once when it was read a moment ago; null when there is none. */
  find(name: string, asked: Asked): Soon<Value | null>;
  /** What was read of this owner's counts no more. */
  forget(owner: string): void;
}

/**
 * Nothing older is trusted, whoever has failed to tell of a change: a refusal reaches every node within a second even
 * while no bell rings.
 */
const TRUSTED_MS = 800;
/** From this age on what is asked for is read anew, while it still answers; and a reading is joined by nobody new. */
const RENEWED_MS = 500;
/**
 * What is to be read anew is gathered for so long, so that many keys in steady use make one statement and not many: as
 * long as leaves the statement time to answer before anybody has to wait for it.
 */
const GATHERED_MS = 150;
const BATCH = { most: 500, lanes: 2 };

/** What is missed together is read together, each of it once. `readAll` answers in the order it is asked. */
export function openTrusted<Asked, Value>(
  readAll: (asked: readonly Asked[]) => Promise<readonly (Value | null)[]>,
  ownerOf: (value: Value) => string,
): Trusted<Asked, Value> {
  const shelf = openShelf(TRUSTED_MS, ownerOf);
  let underWay = new Map<string, Flight<Value>>();
  let aging = new Map<string, Asked>();

  const read = batching<Departure<Asked>, Entry<Value>>(BATCH, async (departures) => {
    const readAt = performance.now();
    for (const departure of departures) departure.readAt = readAt;
    return (await readAll(departures.map(({ asked }) => asked))).map((value) => ({ value, readAt }));
  });
  const load = (name: string, asked: Asked): Promise<Entry<Value>> => {
    const flights = underWay;
    const known = flights.get(name);
    // A reading that takes long tells of long ago.
    if (known && performance.now() - known.departure.readAt < RENEWED_MS) return known.landed;
    const departure = { asked, readAt: Number.POSITIVE_INFINITY };
    const land = (entry: Entry<Value>) => {
      shelf.put(name, entry);
      return entry;
    };
    const landed = read(departure)
      .then(land)
      .finally(() => {
        if (flights.get(name)?.departure === departure) flights.delete(name);
      });
    flights.set(name, { departure, landed });
    return landed;
  };
  const renew = (name: string, asked: Asked): void => {
    if (aging.size === 0) setTimeout(renewAll, GATHERED_MS).unref();
    aging.set(name, asked);
  };
  const renewAll = (): void => {
    const all = aging;
    aging = new Map();
    for (const [name, asked] of all) load(name, asked).catch(() => {});
  };

  return {
    find(name, asked) {
      const entry = shelf.get(name);
      const age = entry ? performance.now() - entry.readAt : Number.POSITIVE_INFINITY;
      if (!entry || age > TRUSTED_MS) return load(name, asked).then(({ value }) => value);
      if (age > RENEWED_MS) renew(name, asked);
      return entry.value;
    },
    forget(owner) {
      // Whoever asks from here on must not join a reading that has begun before.
      underWay = new Map();
      shelf.forget(owner);
    },
  };
}

interface Departure<Asked> {
  asked: Asked;
  /** When the reading began, on the clock that only goes forward; infinite while it waits for its turn. */
  readAt: number;
}

interface Flight<Value> {
  departure: Departure<unknown>;
  landed: Promise<Entry<Value>>;
}
