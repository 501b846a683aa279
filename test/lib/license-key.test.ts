import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  displayLicenseKey,
  hasChecksum,
  newLicenseKey,
  normalizeLicenseKey,
  prefixOf,
} from '../../src/lib/license-key.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHECKSUM_CHARACTERS = 2;
const prefixes = fc.stringMatching(/^[A-Z0-9]{0,16}$/);

test('a key is its prefix and groups of four without look-alikes', () => {
  expect(newLicenseKey('MYAPP')).toMatch(/^MYAPP(-[0-9A-HJKMNP-TV-Z]{4}){6}$/);
  expect(newLicenseKey('')).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){5}$/);
});

test('a key carries at least 100 random bits', () => {
  const bodies = Array.from({ length: 4_000 }, () =>
    newLicenseKey('').replaceAll('-', '').slice(0, -CHECKSUM_CHARACTERS),
  );
  expect(new Set(bodies).size).toBe(bodies.length);
  const length = bodies[0]?.length ?? 0;
  const bits = Array.from({ length }, (_, place) => Math.log2(new Set(bodies.map((body) => body[place])).size));
  expect(bits.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(100);
});

test('a typing mistake in one character is told apart offline, but for one in a thousand', () => {
  let missed = 0;
  let tried = 0;
  for (let round = 0; round < 200; round++) {
    const key = normalizeLicenseKey(newLicenseKey('APP'));
    expect(hasChecksum(key)).toBe(true);
    for (let place = 3; place < key.length; place++) {
      const other = ALPHABET[(ALPHABET.indexOf(key[place] ?? '') + 1 + (round % 31)) % 32];
      tried++;
      if (hasChecksum(key.slice(0, place) + other + key.slice(place + 1))) missed++;
    }
  }
  expect(missed / tried).toBeLessThan(1 / 200);
});

test('neighbours that were swapped are told apart offline', () => {
  let missed = 0;
  let tried = 0;
  for (let round = 0; round < 200; round++) {
    const key = normalizeLicenseKey(newLicenseKey('APP'));
    for (let place = 3; place < key.length - 1; place++) {
      if (key[place] === key[place + 1]) continue;
      tried++;
      if (hasChecksum(`${key.slice(0, place)}${key[place + 1]}${key[place]}${key.slice(place + 2)}`)) missed++;
    }
  }
  expect(missed / tried).toBeLessThan(1 / 200);
});

test('what could not have been made here has no checksum', () => {
  for (const text of ['', 'APP', 'A'.repeat(23), normalizeLicenseKey('hello world, this is no license key')]) {
    expect(hasChecksum(text)).toBe(false);
  }
});

test('however it was typed, a key is found under one spelling', () => {
  const typed = fc.record({
    prefix: prefixes,
    lower: fc.boolean(),
    separator: fc.constantFrom('', '-', ' ', ' - ', '\u2013', '\n', '.'),
    alike: fc.constantFrom<[string, string]>(['0', 'O'], ['0', 'o'], ['1', 'I'], ['1', 'l'], ['1', 'L'], ['1', 'i']),
  });
  fc.assert(
    fc.property(typed, ({ prefix, lower, separator, alike: [digit, letter] }) => {
      const key = newLicenseKey(prefix);
      const groups = key.slice(prefix.length).split('-');
      const misread = [prefix, ...groups.filter(Boolean).map((group) => group.replaceAll(digit, letter))];
      const text = ` ${misread.join(separator)} `;
      expect(normalizeLicenseKey(lower ? text.toLowerCase() : text)).toBe(normalizeLicenseKey(key));
    }),
  );
});

test('normalising twice changes nothing, whatever the text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 20, maxLength: 40 })), (text) => {
      const once = normalizeLicenseKey(text);
      expect(normalizeLicenseKey(once)).toBe(once);
      expect(once).toMatch(/^[0-9A-Z]*$/);
    }),
  );
});

test('two keys never share a spelling', () => {
  fc.assert(
    fc.property(prefixes, prefixes, (one, other) => {
      expect(normalizeLicenseKey(newLicenseKey(one))).not.toBe(normalizeLicenseKey(newLicenseKey(other)));
    }),
  );
});

test('a megabyte of text is not a key and costs no more than one', () => {
  expect(normalizeLicenseKey('A'.repeat(1_000_000)).length).toBeLessThanOrEqual(200);
});

test('what is shown of a key tells two apart and opens nothing', () => {
  const key = newLicenseKey('MYAPP');
  expect(displayLicenseKey(key)).toBe(`MYAPP-****-${key.slice(-4)}`);
  expect(displayLicenseKey(newLicenseKey(''))).toMatch(/^\*{4}-[0-9A-Z]{4}$/);
  expect(prefixOf(key)).toBe('MYAPP');
  expect(prefixOf(newLicenseKey(''))).toBe('');
});
