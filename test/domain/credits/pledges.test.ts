import { expect, test } from 'vitest';
import { day, entitled, flaw, grant, leave, ledger, type Step, show, tell, topUp, until, use } from './story.ts';

/** January and what follows, as days of the year. */
const JAN: [number, number] = [0, 31];
const FEB: [number, number] = [31, 59];
const MAR: [number, number] = [59, 90];

const plan = (amount: number, period = JAN, rollover?: number | 'all') =>
  grant('a', amount, period, rollover === undefined ? {} : { rollover });
/** The subscription's product now has this benefit, and not the other. */
const change = (from: string, to: string, amount: number, period = JAN): Step[] => [
  (book) => entitled(from, Math.round((book.asOf.getTime() - Date.UTC(2026, 0, 1)) / 86_400_000))(book),
  entitled(to, null),
  grant(to, amount, period),
];

test.each<[string, Step[], string, string?]>([
  ['a period brings credits', [plan(100)], '100 - 0 = 100', 'credited 100'],
  [
    'once, however often it is asked',
    [plan(100), use(10), plan(100), plan(100)],
    '100 - 10 = 90',
    'credited 100, used -10',
  ],
  ['and its end takes them', [plan(100), use(10), until(31)], '0 - 0 = 0', 'credited 100, used -10, expired -90'],
  ['a period without an end keeps them', [grant('a', 100, [0, null]), until(900)], '100 - 0 = 100'],
  [
    'a renewal brings fresh ones',
    [plan(100), use(80), until(31), plan(100, FEB)],
    '100 - 0 = 100',
    'credited 200, used -80, expired -20',
  ],
  ['at once when it comes late', [plan(100), until(40), plan(100, FEB)], '100 - 0 = 100'],
  ['from its start when it comes early', [plan(100), until(20), plan(50, FEB), use(10)], '100 - 10 = 90'],
  [
    'then',
    [plan(100), until(20), plan(50, FEB), use(10), until(31)],
    '50 - 0 = 50',
    'credited 150, used -10, expired -90',
  ],
  ['the same renewal once', [plan(100), until(31), plan(50, FEB), plan(50, FEB), use(5), plan(50, FEB)], '50 - 5 = 45'],
  [
    'a period without an end ends when the next begins',
    [grant('a', 100, [0, null]), until(31), plan(50, FEB)],
    '50 - 0 = 50',
  ],
  [
    'a period that begins early ends the last one',
    [plan(100), until(10), grant('a', 70, [10, 41])],
    '70 - 0 = 70',
    'credited 170, expired -100',
  ],
  ['overage is paid by the renewal', [plan(100), use(130), until(31), plan(100, FEB)], '100 - 30 = 70'],
  [
    'all that is left is carried over',
    [plan(100, JAN, 'all'), use(30), until(31), plan(100, FEB, 'all')],
    '170 - 0 = 170',
    'credited 200, used -30, expired -70, carried 70',
  ],
  [
    'at most so much',
    [plan(100, JAN, 50), use(30), until(31), plan(100, FEB, 50)],
    '150 - 0 = 150',
    'credited 200, used -30, expired -70, carried 50',
  ],
  ['exactly so much', [plan(100, JAN, 70), use(30), until(31), plan(100, FEB, 70)], '170 - 0 = 170'],
  ['nothing of nothing', [plan(100, JAN, 'all'), use(100), until(31), plan(100, FEB, 'all')], '100 - 0 = 100'],
  [
    'nothing of less than nothing',
    [plan(100, JAN, 'all'), use(120), until(31), plan(100, FEB, 'all')],
    '100 - 20 = 80',
  ],
  [
    'what was carried rolls again',
    [plan(100, JAN, 'all'), until(31), plan(100, FEB, 'all'), use(50), until(59), plan(100, MAR, 'all')],
    '250 - 0 = 250',
  ],
  [
    'within the same most',
    [plan(100, JAN, 80), until(31), plan(100, FEB, 80), until(59), plan(100, MAR, 80)],
    '180 - 0 = 180',
  ],
  [
    'what was carried burns first',
    [plan(100, JAN, 'all'), use(40), until(31), plan(100, FEB, 'all'), use(60), until(59), plan(100, MAR, 'all')],
    '200 - 0 = 200',
  ],
  [
    'a late renewal carries what the period held at its end',
    [plan(100, JAN, 'all'), use(40), until(45), plan(100, FEB, 'all')],
    '160 - 0 = 160',
  ],
  [
    'usage between is paid by it',
    [plan(100, JAN, 'all'), use(40), until(45), use(10), plan(100, FEB, 'all')],
    '160 - 10 = 150',
  ],
  [
    'an early renewal carries what is left in the end',
    [plan(100, JAN, 'all'), until(20), plan(100, FEB, 'all'), use(70), until(31)],
    '130 - 0 = 130',
    'credited 200, used -70, expired -30, carried 30',
  ],
  [
    'a period that was skipped is leapt over',
    [plan(100, JAN, 'all'), until(70), plan(100, MAR, 'all')],
    '200 - 0 = 200',
  ],
  [
    'a period that is over already carries on what it brought',
    [plan(100, JAN, 'all'), until(70), plan(100, FEB, 'all'), plan(100, MAR, 'all')],
    '300 - 0 = 300',
  ],
  [
    'without rollover nothing is carried, whatever the last period said',
    [plan(100, JAN, 'all'), until(31), plan(100, FEB)],
    '100 - 0 = 100',
  ],
  [
    'an upgrade keeps what was used: 100, 80 used, to 1,000',
    [plan(100), use(80), until(5), ...change('a', 'b', 1000)],
    '1000 - 80 = 920',
    'credited 1100, used -80, withdrawn -100',
  ],
  [
    'a downgrade below it owes nothing: 1,000, 500 used, to 100',
    [plan(1000), use(500), until(5), ...change('a', 'b', 100)],
    '100 - 100 = 0',
    'credited 1100, used -500, withdrawn -600',
  ],
  ['a downgrade above it', [plan(1000), use(50), until(5), ...change('a', 'b', 100)], '100 - 50 = 50'],
  [
    'up and down again',
    [plan(100), use(80), until(5), ...change('a', 'b', 1000), use(200), until(6), ...change('b', 'a', 100)],
    '100 - 100 = 0',
  ],
  [
    'down and up again forgives nothing',
    [plan(1000), use(500), until(5), ...change('a', 'b', 100), until(6), ...change('b', 'a', 1000)],
    '1000 - 500 = 500',
  ],
  [
    'and back to and fro on one instant',
    [plan(100), use(80), ...change('a', 'b', 1000), ...change('b', 'a', 100), ...change('a', 'b', 1000)],
    '1000 - 80 = 920',
  ],
  ['an upgrade pays overage, too', [plan(100), use(150), until(5), ...change('a', 'b', 1000)], '1000 - 150 = 850'],
  ['what comes anew beside it brings all', [plan(100), use(80), until(5), grant('b', 50, JAN)], '150 - 80 = 70'],
  [
    'what stood beside it is not replaced by it when that goes, whatever becomes of it then',
    [
      plan(100),
      grant('b', 50, JAN, { priority: 1 }),
      use(80),
      until(5),
      entitled('a', 5),
      grant('b', 60, JAN, { priority: 1 }),
      entitled('b', 6),
      until(7),
      entitled('b', null),
    ],
    '60 - 0 = 60',
  ],
  [
    'but what comes after it replaces it, and leaves the other alone',
    [
      plan(100),
      grant('b', 50, JAN, { priority: 1 }),
      use(80),
      until(5),
      ...change('a', 'c', 200),
      grant('b', 60, JAN, { priority: 1 }),
    ],
    '260 - 80 = 180',
  ],
  [
    'another subscription is none of its business',
    [plan(100), use(80), entitled('a', 5), until(5), grant('b', 1000, JAN, { of: 'other' })],
    '1000 - 0 = 1000',
  ],
  ['nor another period', [plan(100), use(80), entitled('a', 5), until(31), grant('b', 1000, FEB)], '1000 - 0 = 1000'],
  ['a top-up is not touched', [plan(100), topUp(10), use(80), until(5), ...change('a', 'b', 1000)], '1010 - 80 = 930'],
  ['units raised in the period', [plan(100), use(80), plan(1000)], '1000 - 80 = 920', 'credited 1000, used -80'],
  [
    'units lowered below what was used',
    [plan(1000), use(500), plan(100)],
    '100 - 100 = 0',
    'credited 1000, used -500, withdrawn -500',
  ],
  ['and raised again forgive nothing', [plan(1000), use(500), plan(100), plan(1000)], '1000 - 500 = 500'],
  ['raised units pay overage', [plan(100), use(150), plan(120)], '120 - 150 = -30, overage 30'],
  ['units of a period to come', [plan(100), until(20), plan(50, FEB), plan(70, FEB), until(31)], '70 - 0 = 70'],
  [
    'a withdrawal takes what is left',
    [plan(100), use(30), entitled('a', 5), until(5)],
    '0 - 0 = 0',
    'credited 100, used -30, withdrawn -70',
  ],
  [
    'from its instant on, whoever looks when',
    [plan(100), entitled('a', 5), until(9), use(10)],
    '0 - 10 = -10, overage 10',
  ],
  [
    'and gives back that, not a fresh lot',
    [plan(100), use(30), entitled('a', 5), until(6), entitled('a', null), plan(100)],
    '100 - 30 = 70',
    'credited 100, used -30',
  ],
  ['before anybody asks it to', [plan(100), use(30), entitled('a', 5), until(6), entitled('a', null)], '100 - 30 = 70'],
  [
    'what was used meanwhile is paid',
    [plan(100), use(30), entitled('a', 5), until(6), use(20), entitled('a', null)],
    '100 - 50 = 50',
  ],
  ['not after the period', [plan(100), entitled('a', 5), until(40), entitled('a', null), plan(100)], '0 - 0 = 0'],
  [
    'nothing that was withdrawn is carried over',
    [plan(100, JAN, 'all'), entitled('a', 5), until(40), entitled('a', null), plan(100, FEB, 'all')],
    '100 - 0 = 100',
  ],
  [
    'two lots of a grant come and go together',
    [
      plan(100, JAN, 'all'),
      until(31),
      plan(100, FEB, 'all'),
      use(120),
      entitled('a', 35),
      until(36),
      entitled('a', null),
    ],
    '200 - 120 = 80',
  ],
  [
    'an end that is put off changes nothing',
    [plan(100), entitled('a', 5), entitled('a', 7), until(6)],
    '100 - 0 = 100',
  ],
  [
    'what is promised only until then ends then',
    [grant('a', 100, [0, null], { entitledUntil: 5 }), until(5)],
    '0 - 0 = 0',
  ],
  [
    'a renewal that is not entitled when it begins brings nothing',
    [plan(100), until(20), plan(50, FEB), entitled('a', 31), until(40)],
    '0 - 0 = 0',
  ],
  [
    'but when it is again',
    [plan(100), until(20), plan(50, FEB), entitled('a', 31), until(40), entitled('a', null)],
    '50 - 0 = 50',
  ],
  ['another meter takes them away', [plan(100), use(30), leave('a')], '0 - 0 = 0'],
  [
    'for as long as it stays',
    [plan(100), use(30), leave('a'), entitled('a', 5), entitled('a', null), until(6)],
    '0 - 0 = 0',
  ],
  ['and they come back', [plan(100), use(30), leave('a'), plan(100)], '100 - 30 = 70'],
  [
    'and take with them what began since anybody looked',
    [plan(100), until(20), plan(50, FEB), leave('a', 40)],
    '0 - 0 = 0',
    'credited 150, expired -100, withdrawn -50',
  ],
  [
    'and leave alone what others brought and lost meanwhile',
    [plan(100), topUp(30, { expiresAt: day(3) }), topUp(7, { effectiveAt: day(4) }), use(10), leave('a', 5)],
    '7 - 0 = 7',
    'credited 137, used -10, expired -20, withdrawn -100',
  ],
  [
    'two sources renew each their own',
    [plan(100), grant('b', 10, [0, 59], { of: 'other' }), use(105), until(31), plan(100, FEB)],
    '110 - 5 = 105',
  ],
])('%s', (_, steps, shown, entered) => {
  const book = tell(...steps);
  expect(show(book)).toBe(shown);
  if (entered) expect(ledger(book)).toBe(entered);
  expect(flaw(book)).toBeNull();
});
