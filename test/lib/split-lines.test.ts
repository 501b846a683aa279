import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitLines } from '../../src/lib/split-lines.ts';

async function* pieces(bytes: Buffer, sizes: readonly number[]) {
  let from = 0;
  for (const size of sizes) {
    yield bytes.subarray(from, from + size);
    from += size;
  }
  yield bytes.subarray(from);
}
const split = (text: string, sizes: readonly number[] = [], most = 100) =>
  Array.fromAsync(splitLines(pieces(Buffer.from(text), sizes), most));

test('lines come whole, however the bytes came', async () => {
  const texts = fc.array(fc.constantFrom('', 'a', 'é', '{"n":1}', '\u{1F600}'), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(texts, fc.array(fc.integer({ min: 0, max: 5 })), async (lines, sizes) => {
      expect(await split(lines.map((line) => `${line}\n`).join(''), sizes)).toEqual(lines);
    }),
  );
});

test('the last line counts without a newline', async () => {
  expect(await split('a\nb')).toEqual(['a', 'b']);
  expect(await split('')).toEqual([]);
});

test('a line that is too long is null, and the others stand', async () => {
  const long = 'x'.repeat(101);
  expect(await split(`a\n${long}\nb\n${long}`, [3, 50, 40])).toEqual(['a', null, 'b', null]);
});
