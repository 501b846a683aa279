import { expect, test } from 'vitest';
import { checkEmail, checkExternalId, checkInteger, checkMetadata, checkText } from '../../src/lib/checks.ts';

const refusal = (check: () => unknown) => {
  try {
    check();
  } catch (error) {
    const { code, path, message } = error as { code?: string; path?: string[]; message: string };
    return { code, path, message };
  }
  throw new Error('It was not refused.');
};

const refused = (path: string[]) => ({ code: 'INVALID_INPUT', path, message: expect.any(String) });

test('text loses the space around it', () => {
  expect(checkText('  Ada \n', ['name'], 5)).toBe('Ada');
  expect(checkText('x'.repeat(200), ['name'], 200)).toHaveLength(200);
});

test.each(['', '   ', '\n', 'x'.repeat(201)])('text of %j is refused', (text) => {
  expect(refusal(() => checkText(text, ['name'], 200))).toEqual(refused(['name']));
});

test.each(['a\0b', '\0', 'half a pair \ud83c', '\udf89 the other half'])(
  'text that PostgreSQL could not keep, %j, is refused',
  (text) => {
    expect(refusal(() => checkText(text, ['name'], 200))).toEqual(refused(['name']));
    expect(refusal(() => checkExternalId(text, ['externalId']))).toEqual(refused(['externalId']));
    expect(refusal(() => checkEmail(`${text}@example.com`, ['email']))).toEqual(refused(['email']));
    expect(refusal(() => checkMetadata({ key: text }, ['metadata']))).toEqual(refused(['metadata', 'key']));
    expect(refusal(() => checkMetadata({ [text]: 1 }, ['metadata']))).toMatchObject({ code: 'INVALID_INPUT' });
  },
);

test.each([
  ['Ada@Example.COM', 'ada@example.com'],
  [' ada+tag@mail.example.co.uk ', 'ada+tag@mail.example.co.uk'],
  ["o'brien@example.com", "o'brien@example.com"],
  ['jörg@exämple.de', 'jörg@exämple.de'],
])('%j is an e-mail address', (given, kept) => {
  expect(checkEmail(given, ['email'])).toBe(kept);
});

test.each([
  '',
  'ada',
  'ada@',
  '@example.com',
  'ada@example',
  'a b@example.com',
  'a@b@example.com',
  'ada@example.com, eve@example.com',
  'Ada <ada@example.com>',
  `${'a'.repeat(250)}@example.com`,
  'ada@example.com\nBcc: eve@example.com',
])('%j is not an e-mail address', (text) => {
  expect(refusal(() => checkEmail(text, ['email']))).toEqual(refused(['email']));
});

test('metadata holds strings, numbers and booleans', () => {
  const metadata = {
    plan: 'pro',
    seats: 5,
    ratio: 0.5,
    trial: false,
    empty: '',
    big: 2 ** 53,
    long: 'x'.repeat(500),
    ['k'.repeat(40)]: 1,
  };
  expect(checkMetadata(metadata, ['metadata'])).toEqual(metadata);
  expect(
    checkMetadata(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key${index}`, index])), ['metadata']),
  ).toBeTruthy();
});

test.each<[what: string, value: unknown, path: string[]]>([
  ['a list', [], ['metadata']],
  ['null', null, ['metadata']],
  ['text', 'text', ['metadata']],
  ['51 keys', Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`key${index}`, 1])), ['metadata']],
  ['a key that is too long', { ['k'.repeat(41)]: 1 }, ['metadata', 'k'.repeat(41)]],
  ['an empty key', { '': 1 }, ['metadata', '']],
  ['a value that is too long', { a: 'x'.repeat(501) }, ['metadata', 'a']],
  ['a nested object', { a: {} }, ['metadata', 'a']],
  ['a nested list', { a: [] }, ['metadata', 'a']],
  ['a null', { a: null }, ['metadata', 'a']],
  ['not a number', { a: Number.NaN }, ['metadata', 'a']],
  ['infinity', { a: Number.POSITIVE_INFINITY }, ['metadata', 'a']],
])('metadata with %s is refused, by name', (_, value, path) => {
  expect(refusal(() => checkMetadata(value, ['metadata']))).toEqual(refused(path));
});

test.each([1.5, -1, 366, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])(
  '%d is not a whole number from 0 to 365',
  (value) => {
    expect(refusal(() => checkInteger(value, ['graceDays'], 0, 365))).toEqual(refused(['graceDays']));
  },
);

test('the limits themselves are allowed', () => {
  expect([checkInteger(0, [], 0, 365), checkInteger(365, [], 0, 365)]).toEqual([0, 365]);
});
