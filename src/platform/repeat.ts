import type { Log } from './log.ts';

/** Runs `work` again and again, never twice at once. Answers how to stop it, which waits for the run under way. */
export function repeat(pauseMs: number, log: Log, work: () => Promise<void>): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const run = () => {
    running = work()
      .catch((error: unknown) => log.error('A timer failed and goes on.', { error }))
      .finally(() => {
        if (!stopped) timer = setTimeout(run, pauseMs);
      });
  };
  run();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
