/** The time of the emulated world: it can run faster than ours, and be moved forward. */
export interface WorldClock {
  now(): Date;
  /** Milliseconds of that world since it began: windows of rate limits are measured in these. */
  elapsed(): number;
  /** How long that is for whoever waits by a clock of ours. */
  ours(milliseconds: number): number;
  /** Moves it forward. */
  advance(milliseconds: number): void;
}

export function openClock({ clock, speed = 1 }: { clock?: () => Date; speed?: number }): WorldClock {
  const began = { at: Date.now(), mark: performance.now() };
  let ahead = 0;
  const elapsed = () => (performance.now() - began.mark) * speed + ahead;
  return {
    now: () => new Date(clock ? clock().getTime() + ahead : began.at + elapsed()),
    elapsed,
    ours: (milliseconds) => milliseconds / speed,
    advance: (milliseconds) => {
      ahead += milliseconds;
    },
  };
}

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
