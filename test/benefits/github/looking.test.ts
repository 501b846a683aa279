import { expect, test } from 'vitest';
import { type Item, untouched } from '../../../src/benefits/github/held.ts';
import { judge } from '../../../src/benefits/github/looking.ts';
import type { Level } from '../../../src/providers/github/levels.ts';

const NOW = new Date('2026-03-10T12:00:00Z');
const ME = 7;
const base = untouched({ repositoryId: '1', owner: 'acme', name: 'app', permission: 'PUSH' });
const active: Item = { ...base, status: 'ACTIVE', given: 'PUSH', before: { level: null } };
const invited: Item = { ...active, status: 'INVITED', invitedAt: '2026-03-09T12:00:00Z' };
const seen = (level: Level | null, expired: boolean | null) => ({
  people: new Map(level ? [[ME, level] as const] : []),
  invitations: expired === null ? [] : [{ id: 1, accountId: ME, level: 'PUSH' as const, expired }],
});

test.each<[string, Item, ReturnType<typeof seen>, Partial<Item>]>([
  ['what stands is left alone', active, seen('PUSH', null), active],
  ['more than was given is left alone', active, seen('ADMIN', null), active],
  [
    'what was taken away by hand is given again',
    active,
    seen(null, null),
    { status: 'WAITING', repairedAt: NOW.toISOString() },
  ],
  [
    'what was lowered by hand is given again',
    active,
    seen('PULL', null),
    { status: 'WAITING', repairedAt: NOW.toISOString() },
  ],
  ['an accepted invitation is written down', invited, seen('PUSH', null), { status: 'ACTIVE', invitedAt: null }],
  ['an open invitation is left alone', invited, seen(null, false), invited],
  ['a lapsed invitation is renewed', invited, seen(null, true), { status: 'WAITING', repairedAt: null }],
  ['a declined invitation is not sent again', invited, seen(null, null), { status: 'DECLINED' }],
  [
    'an old invitation that is gone has lapsed',
    { ...invited, invitedAt: '2026-03-03T12:00:00Z' },
    seen(null, null),
    { status: 'WAITING' },
  ],
  [
    'what was in the way may be gone',
    { ...active, status: 'FAILED', error: { code: 'X', message: 'x' } },
    seen(null, null),
    { status: 'WAITING', error: null },
  ],
])('%s', (_, item, found, expected) => {
  expect(judge(item, ME, found, NOW)).toMatchObject(expected);
});

test('what cannot be seen is told once, and what mends itself never', () => {
  const gone = {
    problem: { who: 'MERCHANT' as const, code: 'APP_NOT_INSTALLED', message: 'It is gone.', seconds: null },
  };
  const told = judge(active, ME, gone, NOW);
  expect(told).toMatchObject({ status: 'FAILED', error: { code: 'APP_NOT_INSTALLED' } });
  expect(judge(told, ME, gone, NOW)).toBe(told);
  const away = {
    problem: { who: 'SYSTEM' as const, code: 'PROVIDER_UNAVAILABLE', message: 'It is away.', seconds: null },
  };
  expect(judge(active, ME, away, NOW)).toBe(active);
});
