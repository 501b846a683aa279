import { describe, expect, test } from 'vitest';
import { explain, REASONS, type Reason, refusals, type Scope } from '../../../src/domain/licenses/judgement.ts';
import { before, later, license, machine, NOW } from './record.ts';

type Case = [string, Parameters<typeof license>[0], Scope, Reason[], ReturnType<typeof machine>?];

const CASES: Case[] = [
  ['nothing speaks against it', {}, {}, []],
  ['it is another organization’s', {}, { organizationId: 'org_2' }, ['NOT_FOUND']],
  ['it is this organization’s', {}, { organizationId: 'org_1' }, []],
  ['the merchant took the grant away', { stoppedAt: before }, {}, ['REVOKED']],
  ['entitlement has ended', { entitledUntil: NOW }, {}, ['REVOKED']],
  ['entitlement ends in a moment', { entitledUntil: later }, {}, []],
  ['it was rotated away', { secretUntil: NOW }, {}, ['REVOKED']],
  ['it was rotated and is in its grace', { secretUntil: later }, {}, []],
  ['it is switched off', { status: 'DISABLED' }, {}, ['DISABLED']],
  ['it expires at this instant', { expiresAt: NOW }, {}, ['EXPIRED']],
  ['it expires in a moment', { expiresAt: later }, {}, []],
  ['another benefit is meant', {}, { benefitId: 'ben_2' }, ['BENEFIT_MISMATCH']],
  ['another customer is meant', {}, { customerId: 'cus_2' }, ['CUSTOMER_MISMATCH']],
  ['an activation is required and none is named', { activationsRequired: true }, {}, ['ACTIVATION_REQUIRED']],
  ['the activation is not there', {}, { activationId: 'act_9' }, ['ACTIVATION_NOT_FOUND']],
  ['it is required and named', { activationsRequired: true }, { activationId: 'act_1' }, [], machine()],
  ['it is another license’s', {}, { activationId: 'act_1' }, ['ACTIVATION_NOT_FOUND'], machine({ licenseKeyId: 'x' })],
  [
    'it is another machine’s',
    {},
    { activationId: 'act_1', fingerprint: 'b' },
    ['ACTIVATION_NOT_FOUND'],
    machine({ fingerprint: 'a' }),
  ],
  [
    'a condition is not met',
    {},
    { activationId: 'act_1', conditions: { major: 2 } },
    ['CONDITIONS_MISMATCH'],
    machine({ conditions: { major: 1 } }),
  ],
  [
    'a condition is not said',
    {},
    { activationId: 'act_1' },
    ['CONDITIONS_MISMATCH'],
    machine({ conditions: { a: 1 } }),
  ],
  [
    'more is said than asked for',
    {},
    { activationId: 'act_1', conditions: { major: 1, minor: 2 } },
    [],
    machine({ conditions: { major: 1 } }),
  ],
  ['all units are used', { limitUsage: 5, usage: 5 }, {}, ['USAGE_EXCEEDED']],
  ['a unit is left', { limitUsage: 5, usage: 4 }, {}, []],
];

describe('a license is judged', () => {
  test.each(CASES)('when %s', (_when, record, scope, reasons, activation) => {
    expect(refusals(license(record), activation ?? null, scope, NOW)).toEqual(reasons);
  });

  test('as not found when there is none', () => {
    expect(refusals(null, null, {}, NOW)).toEqual(['NOT_FOUND']);
  });
});

test('all that applies is told, in the order of the reasons', () => {
  const worst = license({
    stoppedAt: before,
    status: 'DISABLED',
    expiresAt: before,
    activationsRequired: true,
    limitUsage: 1,
    usage: 1,
  });
  const scope = { benefitId: 'ben_2', customerId: 'cus_2' };
  const withoutActivation = refusals(worst, null, scope, NOW);
  const withAnother = refusals(worst, null, { ...scope, activationId: 'act_9' }, NOW);
  const withConditions = refusals(worst, machine({ conditions: { a: 1 } }), { ...scope, activationId: 'act_1' }, NOW);
  expect(withoutActivation).toEqual(
    REASONS.filter((reason) => !['NOT_FOUND', 'ACTIVATION_NOT_FOUND', 'CONDITIONS_MISMATCH'].includes(reason)),
  );
  expect(withAnother).toContain('ACTIVATION_NOT_FOUND');
  expect(withConditions).toContain('CONDITIONS_MISMATCH');
  const places = (reasons: Reason[]) => reasons.map((reason) => REASONS.indexOf(reason));
  for (const reasons of [withAnother, withConditions])
    expect(places(reasons)).toEqual(places(reasons).toSorted((a, b) => a - b));
});

test('every reason has words', () => {
  for (const reason of REASONS) expect(explain(reason)).toMatch(/^[A-Z].+\.$/);
});
