import { describe, expect, test } from 'vitest';
import {
  type GrantWorkFacts,
  isDue,
  isEntitled,
  isParked,
  missing,
  type Standing,
} from '../../../src/domain/grants/work.ts';
import { inDays, NOW } from '../../support/facts.ts';

const PERIOD = inDays(-10);

/** A grant that is as it should be. */
const held: GrantWorkFacts = {
  state: 'ACTIVE',
  entitledUntil: null,
  stoppedAt: null,
  held: {},
  appliedVersion: 3,
  appliedPeriod: PERIOD,
  attentionCode: null,
  retryAt: null,
};
const standing: Standing = { version: 3, period: PERIOD };

describe('what is missing', () => {
  test.each<[what: string, grant: Partial<GrantWorkFacts>, standing: Partial<Standing>, work: string | null]>([
    ['nothing of a grant that is as it should be', {}, {}, null],
    ['nothing where there are no periods', { appliedPeriod: null }, { period: null }, null],
    ['nothing of one that ends later', { entitledUntil: inDays(1) }, {}, null],
    ['delivery of what was promised', { state: 'CREATED', appliedVersion: 0, appliedPeriod: null }, {}, 'deliver'],
    ['delivery of what was withdrawn and is due again', { state: 'REVOKED' }, {}, 'deliver'],
    ['delivery again of what changed', { appliedVersion: 2 }, {}, 'reapply'],
    ['renewal for a period that began', { appliedPeriod: inDays(-40) }, {}, 'renew'],
    ['renewal for the first period it hears of', { appliedPeriod: null }, {}, 'renew'],
    ['nothing for a period that lies before the one delivered', { appliedPeriod: inDays(5) }, {}, null],
    ['what changed before what is new in the period', { appliedVersion: 2, appliedPeriod: inDays(-40) }, {}, 'reapply'],
    ['withdrawal of what has ended', { entitledUntil: inDays(-1) }, {}, 'withdraw'],
    ['withdrawal in the instant of the end', { entitledUntil: NOW }, {}, 'withdraw'],
    ['withdrawal of what was never delivered', { state: 'CREATED', entitledUntil: NOW }, {}, 'withdraw'],
    ['withdrawal of what was taken away by hand', { stoppedAt: inDays(-1) }, {}, 'withdraw'],
    ['withdrawal, whatever else would be due', { stoppedAt: NOW, appliedVersion: 1 }, {}, 'withdraw'],
    ['nothing of what is gone', { state: 'REVOKED', entitledUntil: inDays(-1) }, {}, null],
    [
      'nothing of what is gone by hand, though its source goes on',
      { state: 'REVOKED', stoppedAt: inDays(-1) },
      {},
      null,
    ],
  ])('is %s', (_, grant, stands, work) => {
    expect(missing({ ...held, ...grant }, { ...standing, ...stands }, NOW)).toBe(work);
  });
});

describe('when it is due', () => {
  test.each<[what: string, grant: Partial<GrantWorkFacts>, due: boolean, parked: boolean]>([
    ['at once when nothing was tried', {}, true, false],
    ['not before its retry', { attentionCode: 'PROVIDER_UNAVAILABLE', retryAt: inDays(1) }, false, false],
    ['in the instant of its retry', { attentionCode: 'PROVIDER_UNAVAILABLE', retryAt: NOW }, true, false],
    ['never by itself when it waits for a person', { attentionCode: 'CONNECT_GITHUB', retryAt: null }, false, true],
  ])('%s', (_, grant, due, parked) => {
    expect(isDue({ ...held, ...grant }, NOW)).toBe(due);
    expect(isParked({ ...held, ...grant })).toBe(parked);
  });
});

test.each<[what: string, grant: Pick<GrantWorkFacts, 'entitledUntil' | 'stoppedAt'>, entitled: boolean]>([
  ['without an end', { entitledUntil: null, stoppedAt: null }, true],
  ['before its end', { entitledUntil: inDays(1), stoppedAt: null }, true],
  ['at its end', { entitledUntil: NOW, stoppedAt: null }, false],
  ['stopped by hand', { entitledUntil: null, stoppedAt: inDays(-1) }, false],
])('a grant %s entitles: %s', (_, grant, entitled) => {
  expect(isEntitled(grant, NOW)).toBe(entitled);
});
