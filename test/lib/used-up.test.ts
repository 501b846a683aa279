import { expect, test } from 'vitest';
import { usedUp } from '../../src/lib/used-up.ts';

async function* three(memory: ArrayBuffer) {
  yield new Uint8Array(8).fill(1);
  yield new Uint8Array(memory, 4, 2).fill(2);
  yield new Uint8Array(8).fill(3);
}

test('a chunk is good until the next is asked for, and what others share with it stays', async () => {
  const memory = new ArrayBuffer(8);
  const [seen, kept] = [[] as number[], [] as Uint8Array[]];
  for await (const chunk of usedUp(three(memory))) {
    seen.push(...chunk);
    kept.push(chunk);
  }
  expect(seen).toEqual([...Array(8).fill(1), 2, 2, ...Array(8).fill(3)]);
  expect(kept.map(({ byteLength }) => byteLength)).toEqual([0, 2, 0]);
  expect([...new Uint8Array(memory)]).toEqual([0, 0, 0, 0, 2, 2, 0, 0]);
});
