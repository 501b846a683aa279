import { expect, test } from 'vitest';
import { consume, day, flaw, free, reserve, type Step, settle, show, take, tell, topUp, until, use } from './story.ts';

const end = (count: number) => ({ expiresAt: day(count) });

test.each<[string, Step[], string]>([
  ['nothing is nothing', [], '0 - 0 = 0'],
  ['credits are there', [topUp(100)], '100 - 0 = 100'],
  ['usage takes from them', [topUp(100), use(30)], '100 - 30 = 70'],
  ['down to the last', [topUp(100), use(100)], '100 - 100 = 0'],
  ['beyond them is overage', [topUp(100), use(130)], '100 - 130 = -30, overage 30'],
  ['without any, all is overage', [use(5)], '0 - 5 = -5, overage 5'],
  ['the next credits pay overage first', [use(30), topUp(100)], '100 - 30 = 70'],
  ['as far as they reach', [use(130), topUp(100)], '100 - 130 = -30, overage 30'],
  ['to the very last', [use(100), topUp(100)], '100 - 100 = 0'],
  ['several times over', [use(250), topUp(100), topUp(100), topUp(100)], '300 - 250 = 50'],
  ['tenths are tenths', [topUp('0.3'), use('0.1'), use('0.2')], '0.3 - 0.3 = 0'],
  [
    'and a millionth of a millionth is not lost',
    [topUp(1), use('0.000000000000000001')],
    '1 - 0.000000000000000001 = 0.999999999999999999',
  ],
  [
    'beside a great number',
    [topUp('99999999999999999999'), use('0.000000000000000001')],
    '99999999999999999999 - 0.000000000000000001 = 99999999999999999998.999999999999999999',
  ],
  ['two lots are one balance', [topUp(100), topUp(50), use(120)], '150 - 120 = 30'],
  [
    'the lower priority burns first',
    [topUp(100, { priority: 1, ...end(5) }), topUp(100, { ...end(9) }), use(100), until(5)],
    '100 - 100 = 0',
  ],
  [
    'a negative one before zero',
    [topUp(100, end(5)), topUp(100, { priority: -1, ...end(9) }), use(100), until(5)],
    '100 - 100 = 0',
  ],
  ['of equal priorities the sooner end', [topUp(100, end(9)), topUp(100, end(5)), use(100), until(5)], '100 - 0 = 100'],
  ['an end before none', [topUp(100), topUp(100, end(5)), use(100), until(5)], '100 - 0 = 100'],
  [
    'of equal ends the older',
    [topUp(100, { ...end(5), effectiveAt: day(0) }), until(1), topUp(50, end(5)), use(100)],
    '150 - 100 = 50',
  ],
  ['what ends takes what is left with it', [topUp(100, end(5)), use(30), until(5)], '0 - 0 = 0'],
  ['not before its instant', [topUp(100, end(5)), use(30), until(4.999999)], '100 - 30 = 70'],
  ['usage at the very end finds nothing', [topUp(100, end(5)), until(5), use(30)], '0 - 30 = -30, overage 30'],
  ['overage outlives what it was beyond of', [topUp(100, end(5)), use(130), until(6)], '0 - 30 = -30, overage 30'],
  [
    'a lot that begins later is not there yet',
    [topUp(100, { effectiveAt: day(3) }), use(10)],
    '0 - 10 = -10, overage 10',
  ],
  ['and pays when it begins', [topUp(100, { effectiveAt: day(3) }), use(10), until(3)], '100 - 10 = 90'],
  [
    'one that ends the instant another begins leaves no gap',
    [topUp(100, end(3)), topUp(50, { effectiveAt: day(3) }), until(3), use(20)],
    '50 - 20 = 30',
  ],
  [
    'two that begin and end are entered in order',
    [topUp(10, { effectiveAt: day(1), ...end(2) }), topUp(20, { effectiveAt: day(2), ...end(4) }), until(3)],
    '20 - 0 = 20',
  ],
  [
    'what began and ended while nobody looked is gone',
    [topUp(10, { effectiveAt: day(1), ...end(2) }), until(9)],
    '0 - 0 = 0',
  ],
  ['but paid what was owed', [use(4), topUp(10, { effectiveAt: day(1), ...end(2) }), until(9)], '0 - 0 = 0'],
  ['consumption takes what is there', [topUp(100), consume(100)], '100 - 100 = 0'],
  ['and nothing of what is not', [topUp(100), consume(101)], '100 - 0 = 100'],
  ['not even a fraction more', [topUp(1), consume('1.000000000000000001')], '1 - 0 = 1'],
  ['nor anything while something is owed', [use(1), consume(1)], '0 - 1 = -1, overage 1'],
  ['a hold sets aside', [topUp(100), reserve('h', 60)], '100 - 0 = 100, held 60'],
  ['what is set aside is not to be consumed', [topUp(100), reserve('h', 60), consume(41)], '100 - 0 = 100, held 60'],
  ['the rest is', [topUp(100), reserve('h', 60), consume(40)], '100 - 40 = 60, held 60'],
  ['a commit uses it', [topUp(100), reserve('h', 60), settle('h', 60)], '100 - 60 = 40'],
  ['or less of it', [topUp(100), reserve('h', 60), settle('h', 10)], '100 - 10 = 90'],
  ['or none', [topUp(100), reserve('h', 60), settle('h', 0)], '100 - 0 = 100'],
  ['a release frees it', [topUp(100), reserve('h', 60), free('h'), consume(100)], '100 - 100 = 0'],
  ['a hold lapses at its instant', [topUp(100), reserve('h', 60, 3), until(3)], '100 - 0 = 100'],
  ['not before', [topUp(100), reserve('h', 60, 3), until(2.999999)], '100 - 0 = 100, held 60'],
  ['usage that is reported burns what is held', [topUp(100), reserve('h', 60), use(100)], '100 - 100 = 0, held 60'],
  [
    'and the commit after it is overage',
    [topUp(100), reserve('h', 60), use(100), settle('h', 60)],
    '100 - 160 = -60, overage 60',
  ],
  [
    'a commit counts when the credits have ended',
    [topUp(100, end(5)), reserve('h', 60), until(6), settle('h', 60)],
    '0 - 60 = -60, overage 60',
  ],
  [
    'two holds are both set aside',
    [topUp(100), reserve('a', 60), reserve('b', 40), consume(1)],
    '100 - 0 = 100, held 100',
  ],
  ['a correction gives', [topUp(10, { source: 'CORRECTION' })], '10 - 0 = 10'],
  ['and pays overage', [use(30), topUp(10, { source: 'CORRECTION' })], '10 - 30 = -20, overage 20'],
  ['a correction takes', [topUp(100), take(30)], '100 - 30 = 70'],
  ['beyond what there is', [topUp(100), take(130)], '100 - 130 = -30, overage 30'],
  ['what is used up stays counted', [topUp(10), use(10), topUp(20), use(5)], '30 - 15 = 15'],
])('%s', (_, steps, shown) => {
  const book = tell(...steps);
  expect(show(book)).toBe(shown);
  expect(flaw(book)).toBeNull();
});
