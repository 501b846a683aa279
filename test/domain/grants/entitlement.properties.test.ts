import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Facts, GrantFacts, SubscriptionFacts, Verdict } from '../../../src/domain/grants/entitlement.ts';
import { isOpen, judge } from '../../../src/domain/grants/entitlement.ts';
import { grant, inDays, NOW } from '../../support/facts.ts';

const BENEFITS = ['a', 'b', 'c', 'd'] as const;
const STATUSES = ['INCOMPLETE', 'TRIALING', 'ACTIVE', 'PAST_DUE', 'UNPAID', 'PAUSED', 'CANCELED', 'REVOKED'] as const;
const START = inDays(-10);
const FINAL: readonly string[] = ['CANCELED', 'REVOKED'];

const instants = fc.integer({ min: -20, max: 20 }).map(inDays);
const past = fc.integer({ min: -20, max: 0 }).map(inDays);
const refunds = fc.array(
  fc.record({
    status: fc.constantFrom('SUCCEEDED' as const, 'FAILED' as const),
    revokeBenefits: fc.boolean(),
    periodStart: fc.constantFrom(null, START, inDays(-40)),
    updatedAt: past,
  }),
  { maxLength: 2 },
);
const lists = fc.shuffledSubarray([...BENEFITS]);

/** As verbs leave them: what is final has an end that has come, and only what is not final can end with its period. */
const subscriptions = (id: string): fc.Arbitrary<SubscriptionFacts> =>
  fc
    .record({
      status: fc.constantFrom(...STATUSES),
      cancels: fc.boolean(),
      end: instants,
      pastDue: past,
      refunds,
      benefitIds: lists,
    })
    .map(({ status, cancels, end, pastDue, ...rest }) => {
      const over = FINAL.includes(status);
      const endsAt = over ? (end > NOW ? NOW : end) : cancels ? end : null;
      return {
        id,
        status,
        cancelAtPeriodEnd: !over && cancels,
        endsAt,
        pastDueAt: status === 'PAST_DUE' ? pastDue : null,
        currentPeriodStart: START,
        ...rest,
      };
    });

const orders = (id: string) =>
  fc.record({ id: fc.constant(id), refunds, benefitIds: lists, keepForBuyers: fc.boolean() });
const manuals = fc.record({
  id: fc.constant('man'),
  benefitId: fc.constantFrom(...BENEFITS),
  expiresAt: fc.option(instants),
});

/** Some of the grants there could be, in any condition they could be in. */
const grants = (sourceIds: readonly string[]): fc.Arbitrary<GrantFacts[]> => {
  const each = sourceIds.flatMap((sourceId) => BENEFITS.map((benefitId) => ({ sourceId, benefitId })));
  const condition = fc.oneof(
    fc.record({ entitledUntil: fc.option(instants), endReason: fc.constant(null) }),
    fc.record({
      entitledUntil: past,
      endReason: fc.constantFrom('SOURCE_ENDED' as const, 'OFF_PRODUCT' as const, 'BENEFIT_DELETED' as const),
    }),
  );
  return fc
    .shuffledSubarray(each)
    .chain((some) =>
      fc.tuple(
        ...some.map((of) =>
          fc.tuple(condition, fc.nat({ max: 4 })).map(([is, position]) => grant({ ...of, ...is, position })),
        ),
      ),
    );
};

const customers: fc.Arbitrary<Facts> = fc
  .record({
    graceDays: fc.nat({ max: 10 }),
    subscriptions: fc.tuple(subscriptions('sub'), subscriptions('sub2')),
    orders: fc.tuple(orders('ord'), orders('ord2')),
    manualGrants: fc.array(manuals, { maxLength: 1 }),
    grants: grants(['sub', 'sub2', 'ord', 'ord2', 'man']),
    deleted: fc.subarray([...BENEFITS]),
  })
  .map(({ deleted, ...facts }) => {
    // A benefit that is deleted is taken off every product with it, and off whoever had it by hand.
    const without = <Source extends { benefitIds: readonly string[] }>(source: Source): Source => ({
      ...source,
      benefitIds: source.benefitIds.filter((id) => !deleted.includes(id as 'a')),
    });
    const manualGrants = facts.manualGrants.filter(
      ({ benefitId }) =>
        !deleted.includes(benefitId) ||
        facts.grants.some((held) => held.sourceId === 'man' && held.benefitId === benefitId),
    );
    const held = facts.grants
      .filter(
        ({ sourceId, benefitId }) =>
          sourceId !== 'man' || manualGrants.some((manual) => manual.benefitId === benefitId),
      )
      .map((one) => ({ ...one, benefitDeleted: deleted.includes(one.benefitId as 'a') }));
    return {
      ...facts,
      subscriptions: facts.subscriptions.map(without),
      orders: facts.orders.map(without),
      manualGrants,
      grants: held,
    };
  });

/** The facts as they are once the verdicts are written down. */
function apply(facts: Facts, verdicts: readonly Verdict[]): Facts {
  const held = new Map(facts.grants.map((one) => [one.id, one]));
  for (const verdict of verdicts) {
    if (verdict.is === 'promise') {
      const { is: _, ...promised } = verdict;
      const added = grant(promised);
      held.set(added.id, added);
      continue;
    }
    const { is, grantId, ...written } = verdict;
    const before = held.get(grantId);
    if (before) held.set(grantId, { ...before, ...(is === 'entitled' && { endReason: null }), ...written });
  }
  return { ...facts, grants: [...held.values()] };
}

const entitled = ({ grants }: Facts, now: Date) =>
  grants
    .filter((one) => isOpen(one.entitledUntil, now))
    .map(({ id, position, entitledUntil }) => ({ id, position, entitledUntil }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));

test('what was written down leaves nothing to do', () => {
  fc.assert(
    fc.property(customers, (facts) => {
      expect(judge(apply(facts, judge(facts, NOW)), NOW)).toEqual([]);
    }),
  );
});

test('each grant is spoken of once, and each promise made once', () => {
  fc.assert(
    fc.property(customers, (facts) => {
      const about = judge(facts, NOW).map((verdict) =>
        verdict.is === 'promise' ? `${verdict.sourceId}:${verdict.benefitId}` : verdict.grantId,
      );
      expect(new Set(about).size).toBe(about.length);
    }),
  );
});

test('a subscription that is over entitles to nothing', () => {
  fc.assert(
    fc.property(customers, (facts) => {
      const over = facts.subscriptions.filter(({ status }) => FINAL.includes(status)).map(({ id }) => id);
      const after = apply(facts, judge(facts, NOW));
      expect(after.grants.filter((one) => over.includes(one.sourceId) && isOpen(one.entitledUntil, NOW))).toEqual([]);
    }),
  );
});

test('a benefit that was deleted is nobody’s', () => {
  fc.assert(
    fc.property(customers, (facts) => {
      const after = apply(facts, judge(facts, NOW));
      expect(after.grants.filter((one) => one.benefitDeleted && isOpen(one.entitledUntil, NOW))).toEqual([]);
    }),
  );
});

test('positions of one source are its own', () => {
  fc.assert(
    fc.property(customers, (facts) => {
      const after = apply(facts, judge(facts, NOW)).grants.filter((one) => isOpen(one.entitledUntil, NOW));
      const places = after.map(({ sourceId, position }) => `${sourceId}:${position}`);
      expect(new Set(places).size).toBe(places.length);
    }),
  );
});

test('it does not matter in which order a customer’s rows are read', () => {
  fc.assert(
    fc.property(customers, (facts) => {
      const backwards = {
        ...facts,
        subscriptions: facts.subscriptions.toReversed(),
        orders: facts.orders.toReversed(),
        grants: facts.grants.toReversed(),
      };
      const read = entitled(apply(facts, judge(facts, NOW)), NOW);
      expect(entitled(apply(backwards, judge(backwards, NOW)), NOW)).toEqual(read);
    }),
  );
});

test('time alone only takes away, and at the instant that was written down', () => {
  fc.assert(
    fc.property(customers, fc.nat({ max: 40 }), (facts, days) => {
      const later = inDays(days);
      const settled = apply(facts, judge(facts, NOW));
      for (const verdict of judge(settled, later)) {
        expect(verdict.is).toBe('ended');
        const before = settled.grants.find((one) => verdict.is === 'ended' && one.id === verdict.grantId);
        expect(before?.entitledUntil).toEqual(verdict.entitledUntil);
      }
    }),
  );
});

test('looking in between changes nothing about how it ends', () => {
  fc.assert(
    fc.property(customers, fc.nat({ max: 20 }), fc.nat({ max: 20 }), (facts, some, more) => {
      const [soon, late] = [inDays(some), inDays(some + more)];
      const seldom = apply(facts, judge(facts, NOW));
      const often = apply(seldom, judge(seldom, soon));
      expect(apply(often, judge(often, late)).grants).toEqual(apply(seldom, judge(seldom, late)).grants);
    }),
  );
});
