import { describe, expect, test } from 'vitest';
import type { Subscription } from '../../../prisma/generated/client/client.ts';
import {
  cancel,
  changeProduct,
  expire,
  type Report,
  renew,
  report,
  revoke,
  uncancel,
} from '../../../src/domain/subscriptions/decisions.ts';
import { inDays, NOW } from '../../support/facts.ts';
import { plan } from '../../support/plan.ts';

const minutes = (count: number) => new Date(NOW.getTime() + count * 60_000);
const canceled = plan({ status: 'CANCELED', canceledAt: inDays(-3), endsAt: inDays(-3) });
const revoked = plan({ status: 'REVOKED', canceledAt: inDays(-3), endsAt: inDays(-3) });
const ending = plan({ cancelAtPeriodEnd: true, canceledAt: inDays(-1), endsAt: inDays(20) });
/** Its last period has ended, and nobody has written that down. */
const ended = plan({
  cancelAtPeriodEnd: true,
  canceledAt: inDays(-9),
  endsAt: inDays(-1),
  currentPeriodEnd: inDays(-1),
});
const over: [string, Subscription][] = [
  ['cancelled', canceled],
  ['revoked', revoked],
  ['ended with its period', ended],
];
const conflict = (path: string) => expect.objectContaining({ code: 'CONFLICT', path: [path] });
const invalid = (path: string) => expect.objectContaining({ code: 'INVALID_INPUT', path: [path] });

describe('cancelling', () => {
  test('at once ends it now', () => {
    expect(cancel(plan(), false, NOW)).toEqual({
      status: 'CANCELED',
      cancelAtPeriodEnd: false,
      canceledAt: NOW,
      endsAt: NOW,
    });
  });

  test('at the end of the period leaves it as it is until then', () => {
    expect(cancel(plan(), true, NOW)).toEqual({ cancelAtPeriodEnd: true, canceledAt: NOW, endsAt: inDays(20) });
  });

  test('at once ends it now, though it was to end later', () => {
    expect(cancel(ending, false, NOW)).toMatchObject({ status: 'CANCELED', endsAt: NOW });
  });

  test('at the end of a period that is past ends it now', () => {
    expect(cancel(plan({ currentPeriodEnd: inDays(-1) }), true, NOW)).toMatchObject({
      status: 'CANCELED',
      endsAt: NOW,
    });
    expect(cancel(plan({ currentPeriodEnd: NOW }), true, NOW)).toMatchObject({ status: 'CANCELED', endsAt: NOW });
  });

  test('at the end of a period that does not end is refused', () => {
    expect(() => cancel(plan({ currentPeriodEnd: null }), true, NOW)).toThrow(conflict('atPeriodEnd'));
  });

  test('twice changes nothing', () => {
    expect(cancel(ending, true, NOW)).toBeNull();
    for (const [, subscription] of over)
      expect([cancel(subscription, false, NOW), cancel(subscription, true, NOW)]).toEqual([null, null]);
  });
});

describe('taking a cancellation back', () => {
  test('is possible until the end has come', () => {
    expect(uncancel(ending, NOW)).toEqual({ cancelAtPeriodEnd: false, canceledAt: null, endsAt: null });
    expect(uncancel(ending, new Date(inDays(20).getTime() - 1))).not.toBeNull();
    expect(() => uncancel(ending, inDays(20))).toThrow(conflict('id'));
  });

  test('of what was not cancelled changes nothing', () => {
    expect(uncancel(plan(), NOW)).toBeNull();
  });

  test.each(over)('is refused when it is %s', (_, subscription) => {
    expect(() => uncancel(subscription, NOW)).toThrow(conflict('id'));
  });
});

describe('revoking', () => {
  test('ends it now and for good', () => {
    expect(revoke(plan(), NOW)).toEqual({ status: 'REVOKED', cancelAtPeriodEnd: false, canceledAt: NOW, endsAt: NOW });
    expect(revoke(ending, NOW)).toMatchObject({
      status: 'REVOKED',
      cancelAtPeriodEnd: false,
      canceledAt: inDays(-1),
      endsAt: NOW,
    });
  });

  test('what is over keeps the instant of its end', () => {
    expect(revoke(canceled, NOW)).toMatchObject({ status: 'REVOKED', endsAt: inDays(-3) });
    expect(revoke(ended, NOW)).toMatchObject({ status: 'REVOKED', cancelAtPeriodEnd: false, endsAt: inDays(-1) });
  });

  test('twice changes nothing', () => {
    expect(revoke(revoked, NOW)).toBeNull();
  });
});

test('time cancels what was to end, and nothing else', () => {
  expect(expire(ended, NOW)).toEqual({ status: 'CANCELED', cancelAtPeriodEnd: false });
  expect(expire(ending, inDays(20))).not.toBeNull();
  for (const subscription of [plan(), plan({ currentPeriodEnd: inDays(-1) }), ending, canceled, revoked])
    expect(expire(subscription, NOW)).toBeNull();
});

describe('changing the product', () => {
  test('changes it, and to the same one nothing', () => {
    expect(changeProduct(plan(), 'prd_other', NOW)).toEqual({ productId: 'prd_other' });
    expect(changeProduct(plan(), plan().productId, NOW)).toBeNull();
    expect(changeProduct(ending, 'prd_other', NOW)).toEqual({ productId: 'prd_other' });
  });

  test.each(over)('is refused when it is %s', (_, subscription) => {
    expect(() => changeProduct(subscription, 'prd_other', NOW)).toThrow(conflict('id'));
  });
});

describe('a report', () => {
  test('changes the status and says as of when', () => {
    expect(report(plan(), { status: 'PAUSED', occurredAt: minutes(-1) }, NOW)).toEqual({
      status: 'PAUSED',
      pastDueAt: null,
      reportedAt: minutes(-1),
    });
    expect(report(plan(), { status: 'UNPAID' }, NOW)).toMatchObject({ status: 'UNPAID', reportedAt: NOW });
  });

  test('that is older than the last one is ignored', () => {
    expect(report(plan({ reportedAt: minutes(-5) }), { status: 'PAUSED', occurredAt: minutes(-6) }, NOW)).toBeNull();
  });

  test('that does not say when comes after all that is known, also from clocks that are ahead', () => {
    const ahead = { ...plan(), ...report(plan(), { status: 'PAST_DUE', occurredAt: minutes(2) }, NOW) };
    expect(report(ahead, { status: 'ACTIVE' }, minutes(1))).toMatchObject({ status: 'ACTIVE' });
    const paid = { ...ahead, ...renew(ahead, { periodStart: minutes(1), periodEnd: inDays(30) }, minutes(1)) };
    expect(report(paid, { status: 'UNPAID' }, minutes(1))).toMatchObject({ status: 'UNPAID' });
    expect(report(paid, { status: 'PAST_DUE' }, minutes(1))).toMatchObject({ pastDueAt: minutes(1) });
  });

  test('that comes twice changes nothing the second time', () => {
    const said: Report = { status: 'PAST_DUE', occurredAt: minutes(-5) };
    const after = { ...plan(), ...report(plan(), said, NOW) };
    expect(after).toMatchObject({ status: 'PAST_DUE', pastDueAt: minutes(-5) });
    expect(report(after, said, minutes(60))).toBeNull();
  });

  test('that only confirms what is known moves nothing but its time', () => {
    expect(report(plan({ reportedAt: minutes(-5) }), { status: 'ACTIVE', occurredAt: minutes(-1) }, NOW)).toEqual({
      reportedAt: minutes(-1),
    });
  });

  test('of the same instant that says something else is taken', () => {
    expect(
      report(
        plan({ status: 'INCOMPLETE', reportedAt: minutes(-5) }),
        { status: 'ACTIVE', occurredAt: minutes(-5) },
        NOW,
      ),
    ).toMatchObject({
      status: 'ACTIVE',
    });
  });

  test('of being behind counts from the first one, however often it is repeated', () => {
    const behind = plan({ status: 'PAST_DUE', pastDueAt: inDays(-3), reportedAt: inDays(-3) });
    expect(report(behind, { status: 'PAST_DUE', occurredAt: inDays(-1) }, NOW)).toEqual({ reportedAt: inDays(-1) });
    expect(report(behind, { status: 'PAST_DUE', pastDueAt: inDays(-2), occurredAt: inDays(-1) }, NOW)).toMatchObject({
      pastDueAt: inDays(-2),
    });
    expect(report(behind, { status: 'ACTIVE', occurredAt: inDays(-1) }, NOW)).toMatchObject({
      status: 'ACTIVE',
      pastDueAt: null,
    });
  });

  test('from the future is refused, but for clocks that differ a little', () => {
    expect(report(plan(), { status: 'PAUSED', occurredAt: minutes(5) }, NOW)).not.toBeNull();
    expect(() => report(plan(), { status: 'PAUSED', occurredAt: minutes(6) }, NOW)).toThrow(invalid('occurredAt'));
  });

  test('that someone fell behind in the future is refused as well', () => {
    expect(() => report(plan(), { status: 'PAST_DUE', pastDueAt: minutes(6) }, NOW)).toThrow(invalid('pastDueAt'));
  });

  test.each(over)('about one that is %s changes nothing', (_, subscription) => {
    expect(report(subscription, { status: 'ACTIVE' }, NOW)).toBeNull();
  });
});

describe('a renewal', () => {
  const next = { periodStart: inDays(20), periodEnd: inDays(50) };

  test('begins the next period, paid', () => {
    const behind = plan({ status: 'PAST_DUE', pastDueAt: inDays(-3), reportedAt: inDays(-3) });
    expect(renew(behind, next, NOW)).toMatchObject({
      status: 'ACTIVE',
      pastDueAt: null,
      currentPeriodStart: inDays(20),
      currentPeriodEnd: inDays(50),
    });
  });

  test('of the same period twice, or of an older one, changes nothing', () => {
    const renewed = { ...plan(), ...renew(plan(), next, NOW) };
    expect(renew(renewed, next, NOW)).toBeNull();
    expect(renew(renewed, { periodStart: inDays(10), periodEnd: inDays(40) }, NOW)).toBeNull();
  });

  test('moves the end of one that is to end with its period', () => {
    expect(renew(ending, next, NOW)).toMatchObject({ endsAt: inDays(50) });
    expect(renew(plan(), next, NOW)).not.toHaveProperty('endsAt');
  });

  test('is not undone by a report from before it that comes twice, or late', () => {
    const start = minutes(-60);
    const behind = { ...plan(), ...report(plan(), { status: 'PAST_DUE', occurredAt: minutes(-30) }, NOW) };
    const paid = { ...behind, ...renew(behind, { periodStart: start, periodEnd: inDays(30) }, NOW) };
    expect(report(paid, { status: 'PAST_DUE', occurredAt: minutes(-30) }, NOW)).toBeNull();
    expect(report(paid, { status: 'PAST_DUE', occurredAt: minutes(-45) }, NOW)).toBeNull();
    expect(report(paid, { status: 'PAST_DUE', occurredAt: minutes(-10) }, NOW)).toMatchObject({ status: 'PAST_DUE' });
  });

  test('of a period that ends before it begins is refused', () => {
    expect(() => renew(plan(), { periodStart: inDays(30), periodEnd: inDays(30) }, NOW)).toThrow(invalid('periodEnd'));
  });

  test.each(over)('of one that is %s is refused', (_, subscription) => {
    expect(() => renew(subscription, next, NOW)).toThrow(conflict('id'));
  });
});
