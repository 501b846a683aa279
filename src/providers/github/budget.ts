import type { Clock } from '../../lib/time.ts';

/** What is left of an hour's calls, as the answers say. */
export interface Budget {
  /** Counts a call; answers for how many seconds there may be none, 0 when it may be made. */
  take(): number;
  learn(headers: object): void;
  standing(): { limit: number; remaining: number; resetsAt: Date } | null;
}

/** Stays within the limit that the provider names, and does not ask while it was told to wait. */
export function openBudget(clock: Clock): Budget {
  let known: { limit: number; remaining: number; resetsAt: number } | null = null;
  let heldUntil = 0;
  return {
    take() {
      const now = clock().getTime();
      if (known && known.resetsAt <= now) known = null;
      const until = Math.max(heldUntil, known && known.remaining <= 0 ? known.resetsAt : 0);
      if (until > now) return Math.ceil((until - now) / 1000);
      if (known) known.remaining -= 1;
      return 0;
    },
    learn(given) {
      const headers = given as Record<string, string | undefined>;
      const waits = Number(headers['retry-after']);
      if (waits > 0) heldUntil = Math.max(heldUntil, clock().getTime() + waits * 1000);
      const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) =>
        Number(headers[`x-ratelimit-${name}`]),
      );
      if (headers['x-ratelimit-resource'] && headers['x-ratelimit-resource'] !== 'core') return;
      if (
        limit === undefined ||
        remaining === undefined ||
        reset === undefined ||
        !(limit > 0 && remaining >= 0 && reset > 0)
      )
        return;
      const resetsAt = reset * 1000;
      // Answers come in any order: what is left in one window only ever shrinks.
      const left = known?.resetsAt === resetsAt ? Math.min(known.remaining, remaining) : remaining;
      known = { limit, remaining: left, resetsAt };
    },
    standing: () => known && { ...known, resetsAt: new Date(known.resetsAt) },
  };
}
