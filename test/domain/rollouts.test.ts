import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Rollout } from '../../prisma/generated/client/client.ts';
import { done, needsMerchant } from '../../src/benefits/outcome.ts';
import * as rollouts from '../../src/domain/rollouts.ts';
import { spreadRollout } from '../../src/jobs/spread-rollout.ts';
import { MINUTE_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';
import { waitingJobs } from '../support/jobs.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';
import { type Answers, toyInRows } from '../support/toy-kind.ts';

let house: House;
let merchant: Merchant;
const answers: Answers = {};
beforeAll(async () => {
  house = await openHouse({ kinds: [toyInRows({ answers })] });
  merchant = merchantOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  delete answers.deliver;
});

const benefit = async () => (await house.benefit('toy_word', { word: 'one' })).id;
const newest = (where: { productId?: string; benefitId?: string }): Promise<Rollout> =>
  house.prisma.rollout.findFirstOrThrow({ where, orderBy: { id: 'desc' } });
const spread = (rollout: Rollout) => spreadRollout(house.transaction).handle({ rolloutId: rollout.id });
const concerned = async (rollout: Rollout) =>
  (await house.prisma.rolloutCustomer.findMany({ where: { rolloutId: rollout.id } }))
    .map(({ customerId }) => customerId)
    .sort();
const jobsOf = async (customerId: string) =>
  (await waitingJobs(house)).filter(({ name, data }) => name === 'settle-customer' && data.customerId === customerId);

describe('an edit of a product', () => {
  test('concerns its subscribers and its buyers, and nobody whose subscription is over', async () => {
    const [a, b] = [await benefit(), await benefit()];
    const product = await house.product([a]);
    const [subscriber, paused, former, buyer, stranger] = await Promise.all(
      Array.from({ length: 5 }, () => house.customer()),
    );
    if (!subscriber || !paused || !former || !buyer || !stranger) throw new Error('There are five.');
    await merchant.subscribe(subscriber.id, product.id);
    await merchant.report((await merchant.subscribe(paused.id, product.id)).id, { status: 'PAUSED' });
    await merchant.cancel((await merchant.subscribe(former.id, product.id)).id);
    await merchant.buy(buyer.id, product.id);
    await merchant.subscribe(stranger.id, (await house.product([a])).id);
    await merchant.setBenefits(product.id, [a, b]);
    const rollout = await newest({ productId: product.id });
    await spread(rollout);
    expect(await concerned(rollout)).toEqual([subscriber.id, paused.id, buyer.id].sort());
    expect(await newest({ productId: product.id })).toMatchObject({ total: 3, spreadAt: house.time.now });
  });

  test('has reached a customer when they are settled', async () => {
    const [a, b] = [await benefit(), await benefit()];
    const { customer, product } = await merchant.subscriber([a]);
    await house.settle(customer.id);
    await merchant.setBenefits(product.id, [b]);
    const rollout = await newest({ productId: product.id });
    await spread(rollout);
    await house.settle(customer.id);
    expect(await concerned(rollout)).toEqual([]);
    const held = await house.grants(customer.id);
    expect(held.map(({ benefitId, state }) => [benefitId, state])).toEqual([
      [a, 'REVOKED'],
      [b, 'ACTIVE'],
    ]);
  });

  test('reaches them though all its jobs are lost', async () => {
    const [a, b] = [await benefit(), await benefit()];
    const { customer, product } = await merchant.subscriber([a]);
    await house.settle(customer.id);
    await merchant.setBenefits(product.id, [a, b]);
    const rollout = await newest({ productId: product.id });
    await house.database.read('lose all jobs', 'DELETE FROM pgboss.job', []);
    await house.transaction((tx) => rollouts.requestUnspread(tx));
    expect(await waitingJobs(house)).toEqual([]);
    house.passTime(MINUTE_MS + 1);
    await house.transaction((tx) => rollouts.requestUnspread(tx));
    expect((await waitingJobs(house)).map(({ name, data }) => [name, data.rolloutId])).toContainEqual([
      'spread-rollout',
      rollout.id,
    ]);
    await spread(rollout);
    await house.database.read('lose all jobs', 'DELETE FROM pgboss.job', []);
    const { settleAt } = await house.prisma.customer.findUniqueOrThrow({ where: { id: customer.id } });
    expect(settleAt).toEqual(new Date(house.time.now.getTime() + 10 * MINUTE_MS));
  });
});

test('an edit of a benefit concerns everyone who holds it or was promised it, and nobody it was taken from', async () => {
  const id = await benefit();
  const [holder, promised, former] = [
    await merchant.subscriber([id]),
    await merchant.subscriber([id]),
    await merchant.subscriber([id]),
  ];
  const given = await house.customer();
  await merchant.give(given.id, id);
  for (const customerId of [holder.customer.id, former.customer.id, given.id]) await house.settle(customerId);
  await merchant.cancel(former.subscription.id);
  await house.settle(former.customer.id);
  await merchant.editBenefit(id, { word: 'two' });
  const rollout = await newest({ benefitId: id });
  await spread(rollout);
  expect(await concerned(rollout)).toEqual([holder.customer.id, promised.customer.id, given.id].sort());
});

test('an edit of a benefit tries again what waited for somebody to act', async () => {
  const id = await benefit();
  answers.deliver = () => needsMerchant('MISSING_PERMISSION', 'Give permission.');
  const { customer } = await merchant.subscriber([id, await benefit()]);
  await house.settle(customer.id);
  const attempts = async () => (await house.grants(customer.id)).map((grant) => [grant.state, grant.attempts]);
  expect(await attempts()).toEqual([
    ['CREATED', 1],
    ['CREATED', 1],
  ]);
  await merchant.editBenefit(id, { word: 'two' });
  await spread(await newest({ benefitId: id }));
  await house.settle(customer.id);
  expect(await attempts()).toEqual([
    ['CREATED', 2],
    ['CREATED', 1],
  ]);
  await house.settle(customer.id);
  expect((await attempts())[0]).toEqual(['CREATED', 2]);
  answers.deliver = () => done({ count: 1 });
  await merchant.editBenefit(id, { word: 'three' });
  await spread(await newest({ benefitId: id }));
  await house.settle(customer.id);
  expect(await attempts()).toEqual([
    ['ACTIVE', 0],
    ['CREATED', 1],
  ]);
});

test('a purchase does not queue behind an edit that has yet to reach the same customer', async () => {
  const [a, b] = [await benefit(), await benefit()];
  const { customer, product } = await merchant.subscriber([a]);
  await house.settle(customer.id);
  await house.database.read('lose all jobs', 'DELETE FROM pgboss.job', []);
  await merchant.setBenefits(product.id, [a, b]);
  await spread(await newest({ productId: product.id }));
  const [low] = await jobsOf(customer.id);
  await merchant.subscribe(customer.id, (await house.product([b])).id);
  const [first] = await jobsOf(customer.id);
  expect(low?.priority).toBeLessThan(0);
  expect(first?.priority).toBe(0);
});

test('two workers that begin the same edit enlist everyone once', async () => {
  const [a, b] = [await benefit(), await benefit()];
  const { product } = await merchant.subscriber([a]);
  for (let count = 0; count < 20; count++) await merchant.subscribe((await house.customer()).id, product.id);
  await merchant.setBenefits(product.id, [b]);
  const rollout = await newest({ productId: product.id });
  await Promise.all(Array.from({ length: 4 }, () => spread(rollout)));
  expect(await concerned(rollout)).toHaveLength(21);
  expect(await newest({ productId: product.id })).toMatchObject({ total: 21 });
});

test('an edit nobody is concerned by is done at once', async () => {
  const product = await house.product([await benefit()]);
  const rollout = await newest({ productId: product.id });
  await spread(rollout);
  expect(await newest({ productId: product.id })).toMatchObject({ total: 0, spreadAt: house.time.now });
});
