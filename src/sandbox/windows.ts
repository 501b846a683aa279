/** How many calls a window takes. */
export interface Rate {
  limit: number;
  windowMs: number;
}

/** What is left of a window. */
export interface Standing {
  limit: number;
  used: number;
  remaining: number;
  /** Until it starts anew. */
  resetMs: number;
}

/** Windows of rate limits, by key. A window begins with the first call in it. */
export function openWindows(elapsed: () => number) {
  const windows = new Map<string, { used: number; endsAt: number }>();
  const standing = (key: string, { limit, windowMs }: Rate): Standing => {
    const window = windows.get(key);
    const open = window && window.endsAt > elapsed() ? window : { used: 0, endsAt: elapsed() + windowMs };
    windows.set(key, open);
    return { limit, used: open.used, remaining: Math.max(0, limit - open.used), resetMs: open.endsAt - elapsed() };
  };
  return {
    standing,
    /** Counts a call of this weight. */
    count(key: string, rate: Rate, weight = 1): Standing {
      standing(key, rate);
      const window = windows.get(key);
      if (window) window.used += weight;
      return standing(key, rate);
    },
  };
}

export type Windows = ReturnType<typeof openWindows>;
