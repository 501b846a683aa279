import fc from 'fast-check';
import { balanceOf } from '../../../src/domain/credits/book.ts';
import { formatUnits } from '../../../src/lib/units.ts';
import { entitled, flaw, grant, type Step, tell, topUp, until, use } from './story.ts';

/** What a subscription gives in a period, and how much of what is left goes over into the next one. */
interface Plan {
  name: string;
  units: number;
  rollover: number | 'all' | 'none';
}

/** A customer with a subscription to one of two plans, counted on one's fingers: unit by unit, day by day. */
interface Purse {
  plans: readonly [Plan, Plan];
  plan: Plan;
  day: number;
  from: number;
  to: number;
  /** Used in this period of what the subscription gave, whatever plan it came from. */
  used: number;
  /** What each plan gave in this period, with what it carried over. */
  given: Map<Plan, number>;
  /** What each plan still held when its last period ended. */
  kept: Map<Plan, number>;
  /** Plans the merchant took away by hand. */
  stopped: Set<Plan>;
  bought: number;
  owed: number;
}

type Deed = { is: 'use' | 'topUp' | 'wait'; of: number } | { is: 'change' | 'stop' | 'lift' | 'renew' };

const PERIOD = 10;

const planCalled = (name: string): fc.Arbitrary<Plan> =>
  fc.record({
    name: fc.constant(name),
    units: fc.integer({ min: 1, max: 50 }),
    rollover: fc.oneof(fc.constantFrom('all' as const, 'none' as const), fc.integer({ min: 1, max: 60 })),
  });

const upTo = (is: 'use' | 'topUp' | 'wait', max: number): fc.Arbitrary<Deed> =>
  fc.record({ is: fc.constant(is), of: fc.integer({ min: 1, max }) });

const story = fc.record({
  plans: fc.tuple(planCalled('a'), planCalled('b')),
  deeds: fc.array(
    fc.oneof(
      upTo('use', 40),
      upTo('topUp', 20),
      upTo('wait', 7),
      fc.record({ is: fc.constantFrom('change' as const, 'stop' as const, 'lift' as const, 'renew' as const) }),
    ),
    { maxLength: 25, size: 'max' },
  ),
});

/** Whatever a subscription goes through, its credits are those one would count. */
export const plansCountRight = fc.property(story, ({ plans, deeds }) => {
  const purse: Purse = {
    plans,
    plan: plans[0],
    day: 0,
    from: 0,
    to: PERIOD,
    used: 0,
    given: new Map(),
    kept: new Map(),
    stopped: new Set(),
    bought: 0,
    owed: 0,
  };
  let book = tell(give(purse));
  for (const deed of deeds) {
    book = live(purse, deed)(book);
    const [found, expected] = [formatUnits(balanceOf(book).balance), left(purse) + purse.bought - purse.owed];
    if (found !== String(expected)) throw new Error(`${found} instead of ${expected}`);
    const wrong = flaw(book);
    if (wrong) throw new Error(wrong);
  }
});

/** Does it in the purse, and answers how it is done in the book. */
function live(purse: Purse, deed: Deed): Step {
  const { plans, plan, day, stopped } = purse;
  switch (deed.is) {
    case 'use':
      take(purse, deed.of);
      return use(deed.of);
    case 'topUp':
      purse.bought += deed.of;
      pay(purse);
      return topUp(deed.of, { priority: 1 });
    case 'wait':
      for (let days = 0; days < deed.of; days++) pass(purse);
      return until(purse.day);
    case 'change':
      purse.plan = plan === plans[0] ? plans[1] : plans[0];
      return both(stopped.has(plan) ? still : entitled(plan.name, day), resume(purse));
    case 'stop':
      if (stopped.has(plan)) return still;
      stopped.add(plan);
      return entitled(plan.name, day);
    case 'lift':
      if (!stopped.delete(plan)) return still;
      return resume(purse);
    case 'renew':
      // One that is late by a whole period is another story.
      if (day < purse.to || day >= purse.to + PERIOD) return still;
      Object.assign(purse, { from: purse.to, to: purse.to + PERIOD, used: 0, given: new Map() });
      return give(purse);
  }
}

const still: Step = (book) => book;
const both =
  (first: Step, second: Step): Step =>
  (book) =>
    second(first(book));

const resume = (purse: Purse): Step =>
  purse.stopped.has(purse.plan) ? still : both(entitled(purse.plan.name, null), give(purse));

/** What the present plan brings, unless its period is over. */
function give(purse: Purse): Step {
  const { plan, day, from, to, given, kept, stopped } = purse;
  if (stopped.has(plan) || day >= to) return still;
  const { name, units, rollover } = plan;
  const most = rollover === 'all' ? Number.POSITIVE_INFINITY : rollover === 'none' ? 0 : rollover;
  if (!given.has(plan)) given.set(plan, units + Math.min(most, kept.get(plan) ?? 0));
  pay(purse);
  return grant(name, units, [from, to], rollover === 'none' ? {} : { rollover });
}

/** What is left of what the subscription gave. */
function left({ plan, day, to, used, given, stopped }: Purse): number {
  if (stopped.has(plan) || day >= to) return 0;
  return Math.max(0, (given.get(plan) ?? 0) - used);
}

function take(purse: Purse, units: number): void {
  const first = Math.min(units, left(purse));
  purse.used += first;
  const second = Math.min(units - first, purse.bought);
  purse.bought -= second;
  purse.owed += units - first - second;
}

function pay(purse: Purse): void {
  const { owed } = purse;
  purse.owed = 0;
  take(purse, owed);
}

function pass(purse: Purse): void {
  const rest = left(purse);
  purse.day += 1;
  if (purse.day !== purse.to) return;
  for (const plan of purse.given.keys()) purse.kept.set(plan, plan === purse.plan ? rest : 0);
}
