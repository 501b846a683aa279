import { expect, test } from 'vitest';
import { newToken, openKeyring } from '../../src/lib/keyring.ts';

const bytesOf = (data: Uint8Array) => Buffer.from(data).toString('hex');

test('what is sealed opens again and looks different every time', () => {
  const keyring = openKeyring(['one']);
  const [first, second] = [keyring.seal('MYAPP-1234 é 🎉'), keyring.seal('MYAPP-1234 é 🎉')];
  expect(keyring.open(first)).toBe('MYAPP-1234 é 🎉');
  expect(bytesOf(first)).not.toBe(bytesOf(second));
  expect(Buffer.from(first).toString('latin1')).not.toContain('MYAPP');
  expect(keyring.open(keyring.seal(''))).toBe('');
});

test('what was altered anywhere does not open', () => {
  const keyring = openKeyring(['one']);
  const sealed = keyring.seal('a secret');
  for (let place = 0; place < sealed.length; place++) {
    const altered = Uint8Array.from(sealed, (byte, index) => (index === place ? byte ^ 1 : byte));
    expect(() => keyring.open(altered)).toThrow();
  }
  expect(() => keyring.open(sealed.subarray(0, -1))).toThrow();
  expect(() => keyring.open(new Uint8Array())).toThrow('None of the secrets');
});

test('a hash is the same each time and another under another secret', () => {
  const [one, again, other] = [openKeyring(['one']), openKeyring(['one']), openKeyring(['other'])];
  expect(bytesOf(one.digest('key'))).toBe(bytesOf(again.digest('key')));
  expect(bytesOf(one.digest('key'))).not.toBe(bytesOf(other.digest('key')));
  expect(bytesOf(one.digest('key'))).not.toBe(bytesOf(one.digest('kez')));
});

test('after a rotation the new secret writes, and what the old one wrote is still found and opened', () => {
  const before = openKeyring(['old']);
  const rotated = openKeyring(['new', 'old']);
  const after = openKeyring(['new']);
  expect(rotated.open(before.seal('text'))).toBe('text');
  expect(after.open(rotated.seal('text'))).toBe('text');
  expect(rotated.digests('key').map(bytesOf)).toEqual([after, before].map((keyring) => bytesOf(keyring.digest('key'))));
  expect(bytesOf(rotated.digest('key'))).toBe(bytesOf(after.digest('key')));
});

test('without the secret that sealed it nothing opens', () => {
  expect(() => openKeyring(['new']).open(openKeyring(['old']).seal('text'))).toThrow('None of the secrets');
  expect(() => openKeyring([])).toThrow('at least one');
});

test('a token names what it is and is never the same twice', () => {
  const tokens = Array.from({ length: 100 }, () => newToken('boon_at'));
  expect(new Set(tokens).size).toBe(100);
  for (const token of tokens) expect(token).toMatch(/^boon_at_[\w-]{43}$/);
});
