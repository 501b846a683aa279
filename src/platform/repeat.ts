import type { Log } from './log.ts';

/** Something that is done again and again. */
export interface Repeated {
  /** Does it as soon as may be: something is known to have come up. */
  soon(): void;
  /** Resolves when the run under way is over. There is none after it. */
  stop(): Promise<void>;
}

/** Runs `work` every so often, never twice at once. However often it is to run soon, it rests for `restMs` in between. */
export function repeat(pauseMs: number, log: Log, work: () => Promise<void>, restMs = pauseMs): Repeated {
  let stopped = false;
  let wanted = false;
  let timer: NodeJS.Timeout | undefined;
  let restedAt = 0;
  let running: Promise<void> = Promise.resolve();
  const run = () => {
    timer = undefined;
    wanted = false;
    running = work()
      .catch((error: unknown) => log.error('A timer failed and goes on.', { error }))
      .finally(() => {
        restedAt = performance.now() + restMs;
        if (!stopped) timer = setTimeout(run, wanted ? restMs : pauseMs);
      });
  };
  run();
  return {
    soon() {
      if (wanted || stopped) return;
      wanted = true;
      if (!timer) return;
      clearTimeout(timer);
      timer = setTimeout(run, Math.max(0, restedAt - performance.now()));
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
