import { expect, test } from 'vitest';
import { oneLine } from '../../src/lib/one-line.ts';

test.each([
  ['a\r\nb', 'a b'],
  ['  a \t b  ', 'a b'],
  ['a\0b\u001bc\u0085d\u2028e\u2029f', 'a b c d e f'],
  ['\u202eevil\u202c', 'evil'],
  ['日本語 🎉', '日本語 🎉'],
  ['half \ud83c', 'half \ufffd'],
])('%j becomes %j', (text, line) => {
  expect(oneLine(text)).toBe(line);
});

test('what is too long is cut between characters', () => {
  expect(oneLine('🎉'.repeat(10), 4)).toBe('🎉🎉🎉…');
});
