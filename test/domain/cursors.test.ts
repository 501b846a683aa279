import { expect, test } from 'vitest';
import * as cursors from '../../src/domain/cursors.ts';
import { after, DAY_MS } from '../../src/lib/time.ts';

const now = new Date('2026-03-01T12:00:00Z');
const mine = { organizationId: 'org_mine', now };
const cursor = cursors.issue({ ...mine, sequence: 42n });

test('a cursor names the sequence it was issued for', () => {
  expect(cursors.read(cursor, mine)).toBe(42n);
  expect(cursors.read(cursors.issue({ ...mine, sequence: '9007199254740993' }), mine)).toBe(9007199254740993n);
});

test('a cursor is one word of letters, digits, - and _', () => {
  expect(cursor).toMatch(/^[\w-]+$/);
});

test('a cursor is good for 30 days, and then it is expired', () => {
  const last = after(now, 30 * DAY_MS - 1);
  expect(cursors.read(cursor, { ...mine, now: last })).toBe(42n);
  expect(() => cursors.read(cursor, { ...mine, now: after(last, 1) })).toThrow(cursors.CursorExpiredError);
});

test("another organization's cursor is none", () => {
  expect(() => cursors.read(cursor, { organizationId: 'org_other', now })).toThrow(/no cursor of yours/);
});

const encode = (text: string) => Buffer.from(text).toString('base64url');
const MALFORMED = {
  nothing: '',
  words: 'not a cursor',
  'cut short': cursor.slice(0, 20),
  'a negative sequence': encode(`1 org_mine -1 ${now.getTime()}`),
  'a sequence beyond 64 bits': encode(`1 org_mine 99999999999999999999 ${now.getTime()}`),
  'another version': encode(`2 org_mine 42 ${now.getTime()}`),
  'something behind it': encode(`1 org_mine 42 ${now.getTime()} x`),
  'a time that is none': encode('1 org_mine 42 soon'),
  'a million characters': 'x'.repeat(1_000_000),
};
test.each(Object.entries(MALFORMED))('%s is no cursor', (_what, malformed) => {
  expect(() => cursors.read(malformed, mine)).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', path: ['after'] }),
  );
});
