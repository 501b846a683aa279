import { oldestIn } from '../../lib/oldest.ts';

/** What was read under a name; `value` is null when there was nothing. */
export interface Entry<Value> {
  value: Value | null;
  /** When the reading began, on the clock that only goes forward. */
  readAt: number;
}

/** Entries by name, each dropped when it is too old or when what its owner has changed. */
export interface Shelf<Value> {
  get(name: string): Entry<Value> | undefined;
  put(name: string, entry: Entry<Value>): void;
  /** Drops what is this owner's, and lets no reading that has begun bring it back. */
  forget(owner: string): void;
}

const MOST_ENTRIES = 200_000;
/** A reading that takes longer answers who waits for it and is not kept. */
const LONGEST_READING_MS = 5_000;

export function openShelf<Value>(keptMs: number, ownerOf: (value: Value) => string): Shelf<Value> {
  /** Those that were read longest ago come first. */
  const entries = new Map<string, Entry<Value>>();
  const byOwner = new Map<string, Set<string>>();
  /** When each owner was last forgotten, for as long as a reading from before may still come in. */
  const forgotten = new Map<string, number>();
  const oldest = oldestIn(entries);
  const longestForgotten = oldestIn(forgotten);
  let lastForgotten = Number.NEGATIVE_INFINITY;

  const remove = (name: string, { value }: Entry<Value>): void => {
    entries.delete(name);
    if (value === null) return;
    const names = byOwner.get(ownerOf(value));
    names?.delete(name);
    if (names?.size === 0) byOwner.delete(ownerOf(value));
  };
  const makeRoom = (now: number): void => {
    for (let first = oldest(); first; first = oldest()) {
      if (entries.size < MOST_ENTRIES && now - first[1].readAt < keptMs) break;
      remove(...first);
    }
  };
  const note = (owner: string): void => {
    lastForgotten = performance.now();
    forgotten.delete(owner);
    forgotten.set(owner, lastForgotten);
    for (let first = longestForgotten(); first; first = longestForgotten()) {
      if (lastForgotten - first[1] < LONGEST_READING_MS) break;
      forgotten.delete(first[0]);
    }
  };

  return {
    get: (name) => entries.get(name),
    put(name, entry) {
      const now = performance.now();
      const { value, readAt } = entry;
      // What was not there may have come into being with any change.
      const changed = value === null ? lastForgotten : (forgotten.get(ownerOf(value)) ?? Number.NEGATIVE_INFINITY);
      const before = entries.get(name);
      if (changed >= readAt || (before && before.readAt > readAt) || now - readAt > LONGEST_READING_MS) return;
      if (before) remove(name, before);
      makeRoom(now);
      entries.set(name, entry);
      if (value === null) return;
      const names = byOwner.get(ownerOf(value));
      if (names) names.add(name);
      else byOwner.set(ownerOf(value), new Set([name]));
    },
    forget(owner) {
      note(owner);
      for (const name of byOwner.get(owner) ?? []) entries.delete(name);
      byOwner.delete(owner);
    },
  };
}
