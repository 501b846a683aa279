import fc from 'fast-check';
import { balanceOf } from '../../../src/domain/credits/book.ts';
import { formatUnits } from '../../../src/lib/units.ts';
import {
  consume,
  day,
  entitled,
  flaw,
  free,
  grant,
  leave,
  reserve,
  type Step,
  settle,
  take,
  tell,
  topUp,
  until,
  use,
} from './story.ts';

/** Credits as one would count them on one's fingers: unit by unit, day by day. */
interface Purse {
  day: number;
  lots: { priority: number; from: number; to: number; left: number; order: number }[];
  owed: number;
}

type Deed =
  | { is: 'topUp'; units: number; priority: number; in: number; for: number }
  | { is: 'use'; units: number }
  | { is: 'consume'; units: number }
  | { is: 'wait'; days: number };

const deeds = fc.array(
  fc.oneof(
    fc.record({
      is: fc.constant('topUp' as const),
      units: fc.integer({ min: 1, max: 20 }),
      priority: fc.integer({ min: -1, max: 1 }),
      in: fc.integer({ min: 0, max: 3 }),
      for: fc.integer({ min: 1, max: 8 }),
    }),
    fc.record({ is: fc.constant('use' as const), units: fc.integer({ min: 1, max: 25 }) }),
    fc.record({ is: fc.constant('consume' as const), units: fc.integer({ min: 1, max: 25 }) }),
    fc.record({ is: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 4 }) }),
  ),
  { maxLength: 25, size: 'max' },
);

/** The engine does what counting on one's fingers does. */
export const countsRight = fc.property(deeds, (all: Deed[]) => {
  const purse: Purse = { day: 0, lots: [], owed: 0 };
  let book = tell();
  for (const deed of all) {
    book = stepOf(deed, purse.day)(book);
    count(purse, deed);
    const left = purse.lots.filter((lot) => inForce(purse, lot)).map((lot) => lot.left);
    const expected = left.reduce((sum, units) => sum + units, 0) - purse.owed;
    const found = formatUnits(balanceOf(book).balance);
    if (found !== String(expected)) throw new Error(`${found} instead of ${expected}`);
    const wrong = flaw(book);
    if (wrong) throw new Error(wrong);
  }
});

function stepOf(deed: Deed, today: number): Step {
  switch (deed.is) {
    case 'topUp':
      return topUp(deed.units, {
        priority: deed.priority,
        effectiveAt: day(today + deed.in),
        expiresAt: day(today + deed.in + deed.for),
      });
    case 'use':
      return use(deed.units);
    case 'consume':
      return consume(deed.units);
    case 'wait':
      return until(today + deed.days);
  }
}

const inForce = (purse: Purse, lot: Purse['lots'][number]) => lot.from <= purse.day && purse.day < lot.to;

function count(purse: Purse, deed: Deed): void {
  const first = () =>
    purse.lots
      .filter((lot) => inForce(purse, lot) && lot.left > 0)
      .sort((a, b) => a.priority - b.priority || a.to - b.to || a.from - b.from || a.order - b.order)[0];
  const payOne = () => {
    const lot = first();
    if (lot) lot.left -= 1;
    else purse.owed += 1;
  };
  const begins = () => {
    for (const lot of purse.lots.filter(({ from }) => from === purse.day)) {
      while (purse.owed > 0 && lot.left > 0) {
        purse.owed -= 1;
        lot.left -= 1;
      }
    }
  };
  switch (deed.is) {
    case 'topUp': {
      const from = purse.day + deed.in;
      purse.lots.push({
        priority: deed.priority,
        from,
        to: from + deed.for,
        left: deed.units,
        order: purse.lots.length,
      });
      begins();
      return;
    }
    case 'use':
      for (let unit = 0; unit < deed.units; unit++) payOne();
      return;
    case 'consume': {
      const there = purse.lots.filter((lot) => inForce(purse, lot)).reduce((sum, lot) => sum + lot.left, -purse.owed);
      if (there >= deed.units) for (let unit = 0; unit < deed.units; unit++) payOne();
      return;
    }
    case 'wait':
      for (let days = 0; days < deed.days; days++) {
        purse.day += 1;
        begins();
      }
  }
}

const GRANTS = ['a', 'b', 'c'];
const PERIODS: [number, number][] = [
  [0, 10],
  [10, 20],
  [20, 30],
];
const name = fc.constantFrom(...GRANTS);
const amount = fc.integer({ min: 1, max: 100 });

const anything: fc.Arbitrary<(today: number) => Step> = fc.oneof(
  fc
    .tuple(
      name,
      amount,
      fc.constantFrom(...PERIODS),
      fc.option(fc.oneof(amount, fc.constant('all' as const)), { nil: undefined }),
    )
    .map(
      ([of, units, period, rollover]) =>
        () =>
          grant(of, units, period, rollover === undefined ? {} : { rollover }),
    ),
  amount.map((units) => () => topUp(units)),
  amount.map((units) => () => use(units)),
  amount.map((units) => () => consume(units)),
  amount.map((units) => () => take(units)),
  name.map((of) => (today: number) => entitled(of, today)),
  name.map((of) => () => entitled(of, null)),
  fc.tuple(name, fc.integer({ min: 0, max: 3 })).map(
    ([of, days]) =>
      (today: number) =>
        leave(of, today + days),
  ),
  amount.map((units) => () => reserve('hold', units, 15)),
  amount.map((units) => () => settle('hold', units)),
  fc.constant(() => free('hold')),
);

/** Whatever happens, in whatever order: the books are in order, and reading ahead is the same as writing on the way. */
export const staysInOrder = fc.property(
  fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), anything), { maxLength: 20, size: 'max' }),
  (events) => {
    let today = 0;
    let book = tell();
    for (const [days, event] of events) {
      today += days;
      book = event(today)(until(today)(book));
      const wrong = flaw(book);
      if (wrong) throw new Error(wrong);
    }
    const direct = until(today + 30)(book);
    const slow = Array.from({ length: 30 }, (_, days) => until(today + days + 1)).reduce(
      (then, step) => step(then),
      book,
    );
    if (direct.balance !== slow.balance || direct.overage !== slow.overage)
      throw new Error('time does not pass evenly');
  },
);
