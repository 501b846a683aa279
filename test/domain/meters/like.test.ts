import { expect, test } from 'vitest';
import { like, sqlLike } from '../../../src/domain/meters/like.ts';

test.each([
  ['gpt-4o', 'gpt', true],
  ['gpt-4o', '4', true],
  ['gpt-4o', 'GPT', false],
  ['gpt-4o', 'gpt-%', true],
  ['my gpt-4o', 'gpt-%', false],
  ['gpt-4o', '%4o', true],
  ['gpt-4o', '%4', false],
  ['gpt-4o', 'g%4%o', true],
  ['aa', 'aa%aa', false],
  ['abab', 'a%b%b', true],
  ['anything', '%', true],
  ['', '%', true],
  ['a_b', 'a_b', true],
  ['axb', 'a_b', false],
])('%s like %s: %s', (text, pattern, is) => {
  expect(like(text, pattern)).toBe(is);
});

test('for SQL what is special there is escaped', () => {
  expect(sqlLike('a_b')).toBe('%a\\_b%');
  expect(sqlLike('a\\%')).toBe('a\\\\%');
});
