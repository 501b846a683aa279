import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { done, gaveUp, needsCustomer, needsMerchant, type Outcome, retryAfter } from '../../src/benefits/outcome.ts';
import type { Work } from '../../src/domain/grants/work.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';
import { type Answers, toyInRows } from '../support/toy-kind.ts';

let house: House;
let merchant: Merchant;
let benefitId: string;
const answers: Answers = {};
const WORKS: readonly Work[] = ['deliver', 'reapply', 'renew', 'withdraw'];

beforeAll(async () => {
  house = await openHouse({ kinds: [toyInRows({ answers, renews: true })] });
  merchant = merchantOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(async () => {
  for (const work of WORKS) delete answers[work];
  benefitId = (await house.benefit('toy_word', { word: 'one' })).id;
});

/** A customer whose grant needs this work done. */
async function inNeedOf(work: Work): Promise<{ customerId: string; id: string }> {
  const { customer, subscription } = await merchant.subscriber([benefitId], { currentPeriodEnd: later(30 * DAY_MS) });
  const id = (await house.grants(customer.id))[0]?.id ?? '';
  if (work === 'deliver') return { customerId: customer.id, id };
  await house.settle(customer.id);
  if (work === 'reapply') await merchant.editBenefit(benefitId, { word: 'two' });
  if (work === 'renew')
    await merchant.renew(subscription.id, { periodStart: later(DAY_MS), periodEnd: later(40 * DAY_MS) });
  if (work === 'withdraw') await merchant.cancel(subscription.id);
  return { customerId: customer.id, id };
}

const later = (milliseconds: number) => new Date(house.time.now.getTime() + milliseconds);
const grantOf = (id: string) => house.prisma.benefitGrant.findUniqueOrThrow({ where: { id } });
const newsOf = async (id: string) => {
  const rows = await house.prisma.event.findMany({ where: { subjectId: id }, orderBy: { sequence: 'asc' } });
  return rows.map(({ type, data }) =>
    [type.replace('benefit_grant.', ''), ...((data as { changed?: string[] }).changed ?? [])].join(' '),
  );
};

/** Settles with this answer to this work. What the grant then is, and what was told meanwhile. */
async function answered(work: Work, answer: Outcome<{ count: number }> | Error) {
  const { customerId, id } = await inNeedOf(work);
  const told = (await newsOf(id)).length;
  answers[work] = () => answer;
  await house.settle(customerId);
  const { state, attentionCode, attentionActor, attempts, retryAt } = await grantOf(id);
  const seconds = retryAt && (retryAt.getTime() - house.time.now.getTime()) / SECOND_MS;
  const news = (await newsOf(id)).slice(told);
  await settleLater(customerId, work);
  return { is: [state, attentionCode, attentionActor, attempts, seconds], news };
}

/** Leaves nothing behind that a later test would meet. */
async function settleLater(customerId: string, work: Work) {
  delete answers[work];
  house.passTime(2 * HOUR_MS);
  await house.settle(customerId);
}

describe('what was done', () => {
  test.each<[Work, state: string, news: string[]]>([
    ['deliver', 'ACTIVE', ['updated state']],
    ['reapply', 'ACTIVE', ['updated properties']],
    ['renew', 'ACTIVE', ['cycled']],
    ['withdraw', 'REVOKED', ['revoked']],
  ])('to %s makes the grant %s', async (work, state, news) => {
    expect(await answered(work, done({ count: 2 }))).toEqual({ is: [state, null, null, 0, null], news });
  });

  test('is recorded with its time, its version and its period', async () => {
    const { customerId, id } = await inNeedOf('deliver');
    const promisedAt = house.time.now;
    house.passTime(SECOND_MS);
    answers.deliver = () => done({ count: 7 });
    await house.settle(customerId);
    expect(await grantOf(id)).toMatchObject({
      held: { count: 7 },
      grantedAt: house.time.now,
      revokedAt: null,
      appliedVersion: 1,
      appliedPeriod: promisedAt,
    });
  });

  test('again because it was edited leaves a period that began meanwhile to be renewed', async () => {
    const { customerId, id } = await inNeedOf('renew');
    await merchant.editBenefit(benefitId, { word: 'two' });
    const told = (await newsOf(id)).length;
    await house.settle(customerId);
    expect((await newsOf(id)).slice(told)).toEqual(['updated properties', 'cycled']);
  });

  test('again keeps the time it was first given, and a withdrawal says when', async () => {
    const { customerId, id } = await inNeedOf('reapply');
    const { grantedAt } = await grantOf(id);
    house.passTime(SECOND_MS);
    await house.settle(customerId);
    expect(await grantOf(id)).toMatchObject({ grantedAt, appliedVersion: 2 });
    await merchant.revoke(id);
    await house.settle(customerId);
    expect(await grantOf(id)).toMatchObject({ state: 'REVOKED', revokedAt: house.time.now, held: { count: 1 } });
  });
});

describe('a system that is in the way', () => {
  test.each<[Work, state: string]>([
    ['deliver', 'CREATED'],
    ['reapply', 'ACTIVE'],
    ['renew', 'ACTIVE'],
    ['withdraw', 'ACTIVE'],
  ])('of a %s leaves it %s and is tried again', async (work, state) => {
    const answer = retryAfter(null, 'PROVIDER_UNAVAILABLE', 'Away.');
    expect(await answered(work, answer)).toEqual({
      is: [state, 'PROVIDER_UNAVAILABLE', 'SYSTEM', 1, 5],
      news: ['updated attention'],
    });
  });

  test('may say when to come again', async () => {
    expect((await answered('deliver', retryAfter(90, 'RATE_LIMITED', 'Slower.'))).is).toEqual([
      'CREATED',
      'RATE_LIMITED',
      'SYSTEM',
      1,
      90,
    ]);
  });

  test('is tried with delays that double up to an hour, and is told of once', async () => {
    const { customerId, id } = await inNeedOf('deliver');
    answers.deliver = () => retryAfter(null, 'PROVIDER_UNAVAILABLE', 'Away.');
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 12; attempt++) {
      await house.settle(customerId);
      const { retryAt, attempts } = await grantOf(id);
      expect(attempts).toBe(attempt);
      const delay = (retryAt?.getTime() ?? 0) - house.time.now.getTime();
      delays.push(delay / SECOND_MS);
      house.passTime(delay - 1);
      await house.settle(customerId);
      expect((await grantOf(id)).attempts).toBe(attempt);
      house.passTime(1);
    }
    expect(delays).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600]);
    expect((await newsOf(id)).filter((news) => news === 'updated attention')).toHaveLength(1);
    delete answers.deliver;
    await house.settle(customerId);
    expect(await grantOf(id)).toMatchObject({ state: 'ACTIVE', attentionCode: null, attempts: 0, retryAt: null });
  });

  test('for three days is given up, unless something is to be taken away', async () => {
    for (const work of ['deliver', 'withdraw'] as const) {
      const { customerId, id } = await inNeedOf(work);
      await house.prisma.benefitGrant.update({ where: { id }, data: { attempts: 79 } });
      answers[work] = () => retryAfter(null, 'PROVIDER_UNAVAILABLE', 'Away.');
      await house.settle(customerId);
      const { attentionCode, retryAt } = await grantOf(id);
      if (work === 'deliver') expect([attentionCode, retryAt]).toEqual(['GAVE_UP', null]);
      else expect([attentionCode, retryAt]).toEqual(['PROVIDER_UNAVAILABLE', later(HOUR_MS)]);
      await settleLater(customerId, work);
    }
  });
});

describe('a person who must act', () => {
  const people = [
    { actor: 'CUSTOMER', outcome: needsCustomer<{ count: number }>('CONNECT_TOY', 'Link an account.') },
    { actor: 'MERCHANT', outcome: needsMerchant<{ count: number }>('MISSING_PERMISSION', 'Give permission.') },
  ];
  const works = [
    { work: 'deliver', state: 'CREATED', seconds: null },
    { work: 'reapply', state: 'ACTIVE', seconds: null },
    { work: 'renew', state: 'ACTIVE', seconds: null },
    { work: 'withdraw', state: 'ACTIVE', seconds: 5 },
  ] as const;
  test.each(people.flatMap((person) => works.map((work) => ({ ...person, ...work }))))(
    'the $actor, before it can $work, leaves it $state',
    async ({ actor, outcome, work, state, seconds }) => {
      const code = 'code' in outcome ? outcome.code : '';
      expect(await answered(work, outcome)).toEqual({
        is: [state, code, actor, 1, seconds],
        news: ['updated attention'],
      });
    },
  );

  test('is waited for, and a retry tries again at once', async () => {
    const { customerId, id } = await inNeedOf('deliver');
    answers.deliver = () => needsCustomer('CONNECT_TOY', 'Link an account.', { count: 3 });
    await house.settle(customerId);
    const { settleAt } = await house.prisma.customer.findUniqueOrThrow({ where: { id: customerId } });
    expect(settleAt).toBeNull();
    expect((await grantOf(id)).held).toEqual({ count: 3 });
    house.passTime(30 * DAY_MS);
    await house.settle(customerId);
    expect((await grantOf(id)).attempts).toBe(1);
    delete answers.deliver;
    await merchant.retry(id);
    expect(await grantOf(id)).toMatchObject({ state: 'CREATED', attentionCode: null, attempts: 0 });
    await house.settle(customerId);
    expect(await grantOf(id)).toMatchObject({ state: 'ACTIVE', held: { count: 3 } });
  });

  test('and another who must act then is told of as well', async () => {
    const { customerId, id } = await inNeedOf('deliver');
    answers.deliver = () => needsCustomer('CONNECT_TOY', 'Link an account.');
    await house.settle(customerId);
    answers.deliver = () => needsMerchant('MISSING_PERMISSION', 'Give permission.');
    await merchant.retry(id);
    await house.settle(customerId);
    expect(await newsOf(id)).toEqual(['created', 'updated attention', 'updated attention', 'updated attention']);
  });
});

describe('what will not succeed', () => {
  test.each<[Work, state: string, seconds: number | null]>([
    ['deliver', 'CREATED', null],
    ['reapply', 'ACTIVE', null],
    ['renew', 'ACTIVE', null],
    ['withdraw', 'ACTIVE', 5],
  ])('by another %s leaves it %s and is given up, but for withdrawals', async (work, state, seconds) => {
    expect(await answered(work, gaveUp('The room is gone.'))).toEqual({
      is: [state, 'GAVE_UP', 'SYSTEM', 1, seconds],
      news: ['updated attention'],
    });
  });
});

describe('a kind that throws', () => {
  test.each(WORKS)('at %s is our fault and is tried again', async (work) => {
    const { is, news } = await answered(work, new Error('a secret that must not be told'));
    expect(is.slice(1)).toEqual(['INTERNAL_ERROR', 'SYSTEM', 1, 5]);
    expect(news).toEqual(['updated attention']);
  });

  test('is not quoted', async () => {
    const { customerId, id } = await inNeedOf('deliver');
    answers.deliver = () => new Error('a secret that must not be told');
    await house.settle(customerId);
    expect((await grantOf(id)).attentionMessage).not.toContain('secret');
  });

  test('or fails does not hold back what comes after it, nor what came before', async () => {
    const [before, after] = [
      await house.benefit('toy_word', { word: 'a' }),
      await house.benefit('toy_word', { word: 'b' }),
    ];
    const problems: (Outcome<{ count: number }> | Error)[] = [
      new Error('broken'),
      gaveUp('gone'),
      needsCustomer('CONNECT_TOY', 'Link.'),
      retryAfter(null, 'AWAY', 'Away.'),
    ];
    for (const answer of problems) {
      answers.deliver = ({ benefit }) => (benefit.id === benefitId ? answer : done({ count: 1 }));
      const { customer } = await merchant.subscriber([before.id, benefitId, after.id]);
      await house.settle(customer.id);
      expect((await house.grants(customer.id)).map(({ state }) => state)).toEqual(['ACTIVE', 'CREATED', 'ACTIVE']);
    }
  });
});
