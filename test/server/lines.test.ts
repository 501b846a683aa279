import { expect, test } from 'vitest';
import { gather } from '../../src/server/lines.ts';

const line = (n: number): string => JSON.stringify({ name: String(n), customer: { id: 'cus' } });
const numbers = (lines: readonly object[]) => lines.map((said) => Number((said as { name: string }).name));

/** Lines that are there at once, and how many of them have been taken. */
function file(count: number, text: (n: number) => string = line) {
  const read = { count: 0 };
  async function* lines() {
    for (let n = 1; n <= count; n++) {
      read.count = n;
      yield text(n);
    }
  }
  return { read, lines: lines() };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('all lines come, in order, a thousand or more at a time but for the last ones', async () => {
  const chunks = await Array.fromAsync(gather(file(10_300).lines, 0));
  expect(chunks.flatMap((chunk) => numbers(chunk as object[]))).toEqual(
    Array.from({ length: 10_300 }, (_, n) => n + 1),
  );
  for (const chunk of chunks.slice(0, -1)) expect(chunk.length).toBeGreaterThanOrEqual(1_000);
});

test('the longer one is busy, the more lines come next, up to 4,000, and no more are read', async () => {
  const { lines, read } = file(20_000);
  const chunks = gather(lines, 0);
  const first = (await chunks.next()).value?.length ?? 0;
  await turn();
  expect(read.count).toBe(first + 4_000);
  expect((await chunks.next()).value).toHaveLength(4_000);
});

test('no more than a million characters are held', async () => {
  const { lines, read } = file(1_000, () => 'x'.repeat(60_000));
  const chunks = gather(lines, 0);
  expect((await chunks.next()).value?.length).toBeLessThan(20);
  await turn();
  expect(read.count).toBeLessThan(40);
});

test('what was taken before is passed over unread', async () => {
  const { lines } = file(1_200, (n) => (n <= 1_150 ? 'nonsense' : line(n)));
  const chunks = await Array.fromAsync(gather(lines, 1_150));
  expect(numbers(chunks.flat() as object[])).toEqual(Array.from({ length: 50 }, (_, n) => n + 1_151));
});

test('who asks no more lets the rest go by', async () => {
  const { lines, read } = file(20_000);
  for await (const _ of gather(lines, 0)) break;
  await expect.poll(() => read.count).toBe(20_000);
});

test('a file that breaks off fails, after what there was of it is taken', async () => {
  async function* broken() {
    for (let n = 1; n <= 1_000; n++) yield line(n);
    throw new Error('broken off');
  }
  const chunks = gather(broken(), 0);
  expect((await chunks.next()).value).toHaveLength(1_000);
  await expect(chunks.next()).rejects.toThrow('broken off');
});
