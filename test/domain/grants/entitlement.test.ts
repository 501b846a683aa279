import { describe, expect, test } from 'vitest';
import type { SubscriptionFacts } from '../../../src/domain/grants/entitlement.ts';
import { isOpen, judge } from '../../../src/domain/grants/entitlement.ts';
import { facts, grant, inDays, manual, NOW, order, refund, subscription } from '../../support/facts.ts';

const START = subscription().currentPeriodStart;

/** Until when somebody who holds nothing yet is promised the benefit; false: it is not promised. */
const promised = (some: Parameters<typeof facts>[0]): Date | null | false => {
  const [verdict] = judge(facts(some), NOW);
  if (!verdict) return false;
  expect(verdict).toMatchObject({ is: 'promise', benefitId: 'a', position: 0 });
  return verdict.entitledUntil;
};

/** When entitlement is said to have ended for somebody who holds the benefit; false: it has not. */
const ended = (some: Parameters<typeof facts>[0], sourceId = 'sub'): Date | null | false => {
  const verdicts = judge(facts({ grants: [grant({ sourceId })], ...some }), NOW);
  const found = verdicts.find((verdict) => verdict.is === 'ended');
  if (found) expect(found).toMatchObject({ endReason: 'SOURCE_ENDED' });
  return found ? found.entitledUntil : false;
};

describe('a subscription entitles', () => {
  test.each<[why: string, of: Partial<SubscriptionFacts>, graceDays: number, until: Date | null]>([
    ['while it is trialing', { status: 'TRIALING' }, 0, null],
    ['while it is active', { status: 'ACTIVE' }, 0, null],
    [
      'until the end of the period when it is cancelled for then',
      { cancelAtPeriodEnd: true, endsAt: inDays(5) },
      0,
      inDays(5),
    ],
    [
      'until then also while trialing',
      { status: 'TRIALING', cancelAtPeriodEnd: true, endsAt: inDays(5) },
      0,
      inDays(5),
    ],
    ['through the days of grace when it is past due', { status: 'PAST_DUE', pastDueAt: inDays(-2) }, 7, inDays(5)],
    [
      'no longer than its end though grace is longer',
      { status: 'PAST_DUE', pastDueAt: inDays(-2), cancelAtPeriodEnd: true, endsAt: inDays(1) },
      7,
      inDays(1),
    ],
    [
      'no longer than grace though its end is later',
      { status: 'PAST_DUE', pastDueAt: inDays(-2), cancelAtPeriodEnd: true, endsAt: inDays(9) },
      7,
      inDays(5),
    ],
    [
      'after a refund that leaves the benefits',
      { refunds: [refund({ periodStart: START, revokeBenefits: false })] },
      0,
      null,
    ],
    ['after a refund that failed', { refunds: [refund({ periodStart: START, status: 'FAILED' })] }, 0, null],
    ['after the refund of an earlier period', { refunds: [refund({ periodStart: inDays(-40) })] }, 0, null],
    [
      'until an end that is yet to come, whatever its status says',
      { status: 'CANCELED', endsAt: inDays(1) },
      0,
      inDays(1),
    ],
  ])('%s', (_, of, graceDays, until) => {
    expect(promised({ graceDays, subscriptions: [subscription(of)] })).toEqual(until);
    expect(ended({ graceDays, subscriptions: [subscription(of)] })).toBe(false);
  });
});

describe('a subscription does not entitle', () => {
  test.each<[why: string, of: Partial<SubscriptionFacts>, graceDays: number, endedAt: Date]>([
    ['while it is incomplete', { status: 'INCOMPLETE' }, 7, NOW],
    ['while it is unpaid', { status: 'UNPAID' }, 7, NOW],
    ['while it is paused', { status: 'PAUSED' }, 7, NOW],
    ['when it is past due without grace', { status: 'PAST_DUE', pastDueAt: inDays(-2) }, 0, inDays(-2)],
    ['after grace', { status: 'PAST_DUE', pastDueAt: inDays(-9) }, 7, inDays(-2)],
    ['in the instant in which grace ends', { status: 'PAST_DUE', pastDueAt: inDays(-7) }, 7, NOW],
    ['after a cancellation at once', { status: 'CANCELED', endsAt: inDays(-1) }, 7, inDays(-1)],
    [
      'after the end of its last period, though nobody wrote that down',
      { cancelAtPeriodEnd: true, endsAt: inDays(-1) },
      7,
      inDays(-1),
    ],
    ['in the instant in which its last period ends', { cancelAtPeriodEnd: true, endsAt: NOW }, 7, NOW],
    ['once it is revoked', { status: 'REVOKED', endsAt: inDays(-3) }, 7, inDays(-3)],
    ['once it is refunded', { refunds: [refund({ periodStart: START })] }, 7, inDays(-1)],
    [
      'once it is refunded, though it was cancelled before',
      { status: 'CANCELED', endsAt: inDays(-3), refunds: [refund({ periodStart: START })] },
      0,
      inDays(-3),
    ],
    [
      'though only one of its refunds withdraws',
      { refunds: [refund({ periodStart: START, revokeBenefits: false }), refund({ periodStart: START })] },
      0,
      inDays(-1),
    ],
  ])('%s', (_, of, graceDays, endedAt) => {
    expect(promised({ graceDays, subscriptions: [subscription(of)] })).toBe(false);
    expect(ended({ graceDays, subscriptions: [subscription(of)] })).toEqual(endedAt);
  });
});

describe('an order', () => {
  test('entitles for good', () => {
    expect(promised({ orders: [order()] })).toBeNull();
  });

  test.each<[what: string, of: Parameters<typeof refund>[0], withdraws: boolean]>([
    ['a refund that takes the benefits', {}, true],
    ['a refund that leaves them', { revokeBenefits: false }, false],
    ['a refund that failed', { status: 'FAILED' }, false],
  ])('%s', (_, of, withdraws) => {
    expect(promised({ orders: [order({ refunds: [refund(of)] })] })).toEqual(withdraws ? false : null);
    expect(ended({ orders: [order({ refunds: [refund(of)] })] }, 'ord')).toEqual(withdraws ? inDays(-1) : false);
  });

  test('gives back what a refund withdrew when that refund fails', () => {
    const grants = [grant({ sourceId: 'ord', entitledUntil: inDays(-1), endReason: 'SOURCE_ENDED' })];
    expect(judge(facts({ orders: [order({ refunds: [refund({ status: 'FAILED' })] })], grants }), NOW)).toEqual([
      { is: 'entitled', grantId: 'ord:a', position: 0, entitledUntil: null },
    ]);
  });

  test('that was refunded gets nothing of an edit', () => {
    const refunded = order({ refunds: [refund()], benefitIds: ['b', 'c'], keepForBuyers: true });
    expect(judge(facts({ orders: [refunded] }), NOW)).toEqual([]);
  });
});

describe('a manual grant', () => {
  test.each<[what: string, expiresAt: Date | null, until: Date | null | false]>([
    ['without an end entitles', null, null],
    ['entitles until it expires', inDays(3), inDays(3)],
    ['is over in the instant in which it expires', NOW, false],
    ['is over afterwards', inDays(-3), false],
  ])('%s', (_, expiresAt, until) => {
    expect(promised({ manualGrants: [manual({ expiresAt })] })).toEqual(until);
    if (until === false) expect(ended({ manualGrants: [manual({ expiresAt })] }, 'man')).toEqual(expiresAt);
  });

  test('of a benefit that was deleted is over', () => {
    const grants = [grant({ sourceId: 'man', benefitDeleted: true })];
    expect(judge(facts({ manualGrants: [manual()], grants }), NOW)).toEqual([
      { is: 'ended', grantId: 'man:a', entitledUntil: NOW, endReason: 'BENEFIT_DELETED' },
    ]);
  });

  test('that was extended after it was over entitles again', () => {
    const grants = [grant({ sourceId: 'man', entitledUntil: inDays(-3), endReason: 'SOURCE_ENDED' })];
    expect(judge(facts({ manualGrants: [manual({ expiresAt: inDays(3) })], grants }), NOW)).toEqual([
      { is: 'entitled', grantId: 'man:a', position: 0, entitledUntil: inDays(3) },
    ]);
  });
});

describe('a change of what a product holds', () => {
  const [a, b] = [grant({ benefitId: 'a' }), grant({ benefitId: 'b', position: 1 })];

  test('gives what is new, takes what is gone and leaves what stays', () => {
    const verdicts = judge(facts({ subscriptions: [subscription({ benefitIds: ['a', 'c'] })], grants: [a, b] }), NOW);
    expect(verdicts).toEqual([
      { is: 'promise', sourceId: 'sub', benefitId: 'c', position: 1, entitledUntil: null },
      { is: 'ended', grantId: 'sub:b', entitledUntil: NOW, endReason: 'OFF_PRODUCT' },
    ]);
  });

  test('of order only moves positions', () => {
    const verdicts = judge(facts({ subscriptions: [subscription({ benefitIds: ['b', 'a'] })], grants: [a, b] }), NOW);
    expect(verdicts).toEqual([
      { is: 'entitled', grantId: 'sub:b', position: 0, entitledUntil: null },
      { is: 'entitled', grantId: 'sub:a', position: 1, entitledUntil: null },
    ]);
  });

  test('gives back what comes back, as the same grant', () => {
    const gone = grant({ entitledUntil: inDays(-5), endReason: 'OFF_PRODUCT' });
    expect(judge(facts({ subscriptions: [subscription()], grants: [gone] }), NOW)).toEqual([
      { is: 'entitled', grantId: 'sub:a', position: 0, entitledUntil: null },
    ]);
  });

  test('names a deleted benefit as the reason', () => {
    const deleted = { ...a, benefitDeleted: true };
    expect(judge(facts({ subscriptions: [subscription({ benefitIds: [] })], grants: [deleted] }), NOW)).toEqual([
      { is: 'ended', grantId: 'sub:a', entitledUntil: NOW, endReason: 'BENEFIT_DELETED' },
    ]);
  });

  test('speaks once about each grant, though its source has ended as well', () => {
    const over = subscription({ benefitIds: ['b'], cancelAtPeriodEnd: true, endsAt: inDays(-1) });
    expect(judge(facts({ subscriptions: [over], grants: [a, b] }), NOW)).toEqual([
      { is: 'ended', grantId: 'sub:a', entitledUntil: inDays(-1), endReason: 'SOURCE_ENDED' },
      { is: 'ended', grantId: 'sub:b', entitledUntil: inDays(-1), endReason: 'SOURCE_ENDED' },
    ]);
  });
});

describe('a product that keeps its benefits for buyers', () => {
  const held = [grant({ sourceId: 'ord', benefitId: 'a' }), grant({ sourceId: 'ord', benefitId: 'b', position: 1 })];

  test('leaves them what is taken off the list, behind what is on it', () => {
    expect(judge(facts({ orders: [order({ benefitIds: ['b'], keepForBuyers: true })], grants: held }), NOW)).toEqual([
      { is: 'entitled', grantId: 'ord:b', position: 0, entitledUntil: null },
      { is: 'entitled', grantId: 'ord:a', position: 1, entitledUntil: null },
    ]);
  });

  test('orders what is kept the same way, however it is read', () => {
    const kept = facts({ orders: [order({ benefitIds: [], keepForBuyers: true })], grants: held });
    expect(judge(kept, NOW)).toEqual([]);
    expect(judge({ ...kept, grants: held.toReversed() }, NOW)).toEqual([]);
  });

  test('does not do so for subscribers', () => {
    const grants = [grant({ benefitId: 'a' })];
    expect(judge(facts({ subscriptions: [subscription({ benefitIds: [] })], grants }), NOW)).toMatchObject([
      { is: 'ended' },
    ]);
  });

  test('does not keep a benefit that was deleted', () => {
    const grants = [grant({ sourceId: 'ord', benefitDeleted: true })];
    expect(judge(facts({ orders: [order({ benefitIds: [], keepForBuyers: true })], grants }), NOW)).toMatchObject([
      { is: 'ended', endReason: 'BENEFIT_DELETED' },
    ]);
  });

  test('does not give back what was taken off before it kept anything', () => {
    const grants = [grant({ sourceId: 'ord', entitledUntil: inDays(-5), endReason: 'OFF_PRODUCT' })];
    expect(judge(facts({ orders: [order({ benefitIds: [], keepForBuyers: true })], grants }), NOW)).toEqual([]);
  });

  test('withdraws everything when all of it is refunded, and gives it back when the refund fails', () => {
    const refunded = order({ benefitIds: ['b'], keepForBuyers: true, refunds: [refund()] });
    const verdicts = judge(facts({ orders: [refunded], grants: held }), NOW);
    expect(verdicts.map((verdict) => verdict.is)).toEqual(['ended', 'ended']);
    const ended = held.map((grant) => ({ ...grant, entitledUntil: inDays(-1), endReason: 'SOURCE_ENDED' as const }));
    const failed = { ...refunded, refunds: [refund({ status: 'FAILED' })] };
    expect(judge(facts({ orders: [failed], grants: ended }), NOW).map((verdict) => verdict.is)).toEqual([
      'entitled',
      'entitled',
    ]);
  });
});

describe('what stays untouched', () => {
  test('a grant that stands as it should', () => {
    expect(judge(facts({ subscriptions: [subscription()], grants: [grant()] }), NOW)).toEqual([]);
  });

  test('the instant at which something ended, with every look', () => {
    const grants = [grant({ entitledUntil: inDays(-5), endReason: 'SOURCE_ENDED' })];
    expect(judge(facts({ subscriptions: [subscription({ status: 'PAUSED' })], grants }), NOW)).toEqual([]);
    expect(judge(facts({ subscriptions: [subscription({ status: 'UNPAID' })], grants }), inDays(3))).toEqual([]);
  });

  test('the same benefit of another source', () => {
    const sources = { subscriptions: [subscription({ status: 'CANCELED', endsAt: inDays(-1) })], orders: [order()] };
    const grants = [grant(), grant({ sourceId: 'ord' })];
    expect(judge(facts({ ...sources, grants }), NOW)).toEqual([
      { is: 'ended', grantId: 'sub:a', entitledUntil: inDays(-1), endReason: 'SOURCE_ENDED' },
    ]);
  });

  test('a grant whose end was written in advance, until that instant', () => {
    const ending = {
      subscriptions: [subscription({ cancelAtPeriodEnd: true, endsAt: inDays(5) })],
      grants: [grant({ entitledUntil: inDays(5) })],
    };
    expect(judge(facts(ending), NOW)).toEqual([]);
    expect(judge(facts(ending), inDays(5))).toMatchObject([{ is: 'ended', entitledUntil: inDays(5) }]);
  });
});

test('the instant at which entitlement ends is no longer part of it', () => {
  expect(isOpen(null, NOW)).toBe(true);
  expect(isOpen(new Date(NOW.getTime() + 1), NOW)).toBe(true);
  expect(isOpen(NOW, NOW)).toBe(false);
});
