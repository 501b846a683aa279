import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Subscription } from '../../../prisma/generated/client/client.ts';
import { judge } from '../../../src/domain/grants/entitlement.ts';
import * as decisions from '../../../src/domain/subscriptions/decisions.ts';
import { facts, inDays, NOW } from '../../support/facts.ts';
import { plan } from '../../support/plan.ts';

const STATUSES = ['INCOMPLETE', 'TRIALING', 'ACTIVE', 'PAST_DUE', 'UNPAID', 'PAUSED'] as const;

/** What a billing system says, each thing at an instant of its own. */
const reports = fc.uniqueArray(
  fc.record({ status: fc.constantFrom(...STATUSES), behind: fc.nat({ max: 10 }), age: fc.nat({ max: 1_000 }) }).map(
    ({ status, behind, age }): decisions.Report => ({
      status,
      occurredAt: new Date(NOW.getTime() - age * 1_000),
      ...(status === 'PAST_DUE' && { pastDueAt: inDays(-behind) }),
    }),
  ),
  { minLength: 1, maxLength: 8, selector: (report) => report.occurredAt?.getTime() },
);

const heard = (subscription: Subscription, said: readonly decisions.Report[]): Subscription =>
  said.reduce((before, report) => ({ ...before, ...decisions.report(before, report, NOW) }), subscription);

const promised = (subscription: Subscription) =>
  judge(facts({ graceDays: 5, subscriptions: [{ ...subscription, refunds: [], benefitIds: ['a', 'b'] }] }), NOW);

test('reports settle to the same whatever their order and however often they come', () => {
  const orders = reports.chain((said) =>
    fc.tuple(fc.constant(said), fc.shuffledSubarray([...said, ...said], { minLength: said.length * 2 })),
  );
  fc.assert(
    fc.property(orders, ([said, shuffled]) => {
      const inOrder = said.toSorted((a, b) => (a.occurredAt ?? NOW).getTime() - (b.occurredAt ?? NOW).getTime());
      expect(promised(heard(plan(), shuffled))).toEqual(promised(heard(plan(), inOrder)));
    }),
  );
});

type Verb = (subscription: Subscription, now: Date) => decisions.Change;

const canceling =
  (atPeriodEnd: boolean): Verb =>
  (subscription, now) =>
    decisions.cancel(subscription, atPeriodEnd, now);
const moving =
  (productId: string): Verb =>
  (subscription, now) =>
    decisions.changeProduct(subscription, productId, now);
const reporting =
  (status: decisions.ReportedStatus): Verb =>
  (subscription, now) =>
    decisions.report(subscription, { status }, now);
const renewing =
  (day: number): Verb =>
  (subscription, now) =>
    decisions.renew(subscription, { periodStart: inDays(day), periodEnd: inDays(day + 30) }, now);

const verbs = fc.oneof<fc.Arbitrary<Verb>[]>(
  fc.boolean().map(canceling),
  fc.constant(decisions.uncancel),
  fc.constant(decisions.revoke),
  fc.constant(decisions.expire),
  fc.constantFrom('prd_1', 'prd_2').map(moving),
  fc.constantFrom(...STATUSES).map(reporting),
  fc.nat({ max: 60 }).map(renewing),
);

const tried = (verb: () => decisions.Change): decisions.Change => {
  try {
    return verb();
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFLICT' });
    return null;
  }
};

test('what is final stays final, whatever is said afterwards, and its end does not move', () => {
  fc.assert(
    fc.property(fc.constantFrom('CANCELED' as const, 'REVOKED' as const), fc.array(verbs), (status, said) => {
      let subscription = plan({ status, canceledAt: NOW, endsAt: NOW });
      for (const [day, verb] of said.entries())
        subscription = { ...subscription, ...tried(() => verb(subscription, inDays(day))) };
      expect(['CANCELED', 'REVOKED']).toContain(subscription.status);
      expect(subscription.endsAt).toEqual(NOW);
      expect(promised(subscription)).toEqual([]);
    }),
  );
});

test('every verb done twice in one instant does nothing the second time', () => {
  fc.assert(
    fc.property(fc.array(verbs, { maxLength: 6 }), verbs, (before, verb) => {
      let subscription = plan();
      for (const [day, earlier] of before.entries())
        subscription = { ...subscription, ...tried(() => earlier(subscription, inDays(day))) };
      const now = inDays(before.length);
      const once = { ...subscription, ...tried(() => verb(subscription, now)) };
      expect({ ...once, ...tried(() => verb(once, now)) }).toEqual(once);
    }),
  );
});
