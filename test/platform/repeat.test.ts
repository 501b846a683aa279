import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openLog } from '../../src/platform/log.ts';
import { repeat } from '../../src/platform/repeat.ts';

const log = openLog('silent');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('it is done at once, and again after each pause, also when it fails', async () => {
  const work = vi.fn(async () => {
    throw new Error('broken');
  });
  const { stop } = repeat(1_000, log, work);
  expect(work).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(2_500);
  expect(work).toHaveBeenCalledTimes(3);
  await stop();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(work).toHaveBeenCalledTimes(3);
});

test('what is to be done soon is done at once after a rest, and once however often it is asked for', async () => {
  const work = vi.fn(async () => {});
  const { soon, stop } = repeat(1_000, log, work, 50);
  await vi.advanceTimersByTimeAsync(300);
  soon();
  soon();
  await vi.advanceTimersByTimeAsync(0);
  expect(work).toHaveBeenCalledTimes(2);
  soon();
  await vi.advanceTimersByTimeAsync(49);
  expect(work).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(work).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(999);
  expect(work).toHaveBeenCalledTimes(3);
  await stop();
});

test('what is asked for while it is being done is done again, and never twice at once', async () => {
  const runs: PromiseWithResolvers<void>[] = [];
  const { soon, stop } = repeat(
    1_000,
    log,
    () => {
      runs.push(Promise.withResolvers());
      return runs.at(-1)?.promise ?? Promise.resolve();
    },
    50,
  );
  soon();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(runs).toHaveLength(1);
  runs[0]?.resolve();
  await vi.advanceTimersByTimeAsync(50);
  expect(runs).toHaveLength(2);
  const stopped = stop();
  runs[1]?.resolve();
  await stopped;
  soon();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(runs).toHaveLength(2);
});
