import { describe, expect, test } from 'vitest';
import { judge, remark, wants } from '../../../src/domain/webhooks/decisions.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/lib/time.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const later = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);
const NO_TROUBLES = { failures: 0, failingSince: null };
const call = (status: number | null) => ({ startedAt: NOW, status });

describe('an answer', () => {
  test.each([200, 201, 202, 204, 299])('%i is success', (status) => {
    expect(judge(NO_TROUBLES, call(status), NOW, 0.5)).toEqual({ is: 'delivered' });
    expect(judge({ failures: 9, failingSince: later(-4 * DAY_MS) }, call(status), NOW, 0.5)).toEqual({
      is: 'delivered',
    });
  });

  test.each([null, 0, 101, 199, 300, 301, 302, 304, 307, 308, 400, 401, 404, 409, 429, 500, 503])(
    '%s is tried again',
    (status) => {
      expect(judge(NO_TROUBLES, call(status), NOW, 0.5)).toMatchObject({ is: 'retry', failingSince: NOW });
    },
  );

  test('410 disables at once', () => {
    expect(judge(NO_TROUBLES, call(410), NOW, 0.5)).toEqual({ is: 'disable', because: 'GONE' });
  });
});

describe('delays', () => {
  test.each([
    [0, 5 * SECOND_MS],
    [1, 30 * SECOND_MS],
    [2, 2 * MINUTE_MS],
    [3, 5 * MINUTE_MS],
    [4, 15 * MINUTE_MS],
    [5, 30 * MINUTE_MS],
    [6, HOUR_MS],
    [7, 2 * HOUR_MS],
    [8, 2 * HOUR_MS],
    [40, 2 * HOUR_MS],
  ])('after %i failures one waits %i ms, a fifth more or less', (failures, delay) => {
    const at = (random: number) => judge({ failures, failingSince: NOW }, call(500), NOW, random);
    expect(at(0.5)).toMatchObject({ at: later(delay) });
    expect(at(0)).toMatchObject({ at: later(delay * 0.8) });
    expect(at(1)).toMatchObject({ at: later(delay * 1.2) });
  });

  test('are counted from when the call ended', () => {
    expect(judge(NO_TROUBLES, { startedAt: later(-10_000), status: null }, NOW, 0.5)).toMatchObject({
      at: later(5_000),
      failingSince: later(-10_000),
    });
  });

  test('lead to a last attempt when three days are up, and that one disables', () => {
    let [failures, now] = [0, NOW];
    const attempts: Date[] = [];
    for (;;) {
      attempts.push(now);
      const verdict = judge(
        { failures, failingSince: failures > 0 ? NOW : null },
        { startedAt: now, status: 500 },
        now,
        0.5,
      );
      if (verdict.is !== 'retry') {
        expect(verdict).toEqual({ is: 'disable', because: 'FAILING' });
        break;
      }
      [failures, now] = [failures + 1, verdict.at];
    }
    expect(attempts.at(-1)).toEqual(later(3 * DAY_MS));
    expect(attempts.length).toBeGreaterThan(30);
    expect(attempts.length).toBeLessThan(60);
  });
});

test.each([
  [['*'], 'benefit_grant.created', true],
  [['benefit_grant.*'], 'benefit_grant.created', true],
  [['benefit_grant.*'], 'benefit.created', false],
  [['benefit.*'], 'benefit_grant.created', false],
  [['benefit.created'], 'benefit.created', true],
  [['benefit.created'], 'benefit.created_again', false],
  [['benefit.created', 'customer.*'], 'customer.updated', true],
  [[], 'customer.updated', false],
])('who listens to %j hears %s: %s', (wanted, type, heard) => expect(wants(wanted, type)).toBe(heard));

test('a redirect is explained, everything else speaks for itself', () => {
  expect(remark(302)).toContain('redirects are not followed');
  for (const status of [null, 200, 404, 500]) expect(remark(status)).toBeNull();
});
