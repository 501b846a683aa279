/** One call that was received. */
export interface Entry {
  at: Date;
  route: string;
  /** With the query. */
  path: string;
  /** Null when it got no answer. */
  status: number | null;
}

/** The calls a provider received, in order. */
export function openJournal() {
  const entries: Entry[] = [];
  return {
    entries,
    add: (entry: Entry) => void entries.push(entry),
    /** How many calls there were by route, and how many of them were refused because there were too many. */
    counts() {
      const byRoute: Record<string, number> = {};
      for (const { route } of entries) byRoute[route] = (byRoute[route] ?? 0) + 1;
      return { total: entries.length, limited: entries.filter((entry) => limited.has(entry)).length, byRoute };
    },
    /** Marks an entry as refused by a rate limit. */
    limit: (entry: Entry) => void limited.add(entry),
    clear: () => void entries.splice(0),
  };
}

const limited = new WeakSet<Entry>();
