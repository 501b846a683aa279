import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kinds as allKinds } from '../../src/benefits/kinds.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';
import { waitingJobs } from '../support/jobs.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';
import { toyOutside } from '../support/toy-kind.ts';
import { openProvider, type Provider } from '../support/toy-provider.ts';
import { openWorker } from '../support/worker.ts';

/** Sooner than what looks for lost work every minute would find it. */
const PROMPT_MS = 30 * SECOND_MS;

let provider: Provider;
let house: House;
let merchant: Merchant;
let worker: AsyncDisposable;
let ahead = 0;
beforeAll(async () => {
  provider = await openProvider();
  const kinds = [...allKinds, toyOutside(provider.url)];
  house = await openHouse({ kinds });
  // It is now for whoever buys here, and for the worker, except that a test may be ahead.
  Object.defineProperty(house.time, 'now', { get: () => later(ahead) });
  merchant = merchantOf(house);
  worker = await openWorker({ url: house.url, kinds, clock: house.clock });
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await house[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

const statesOf = async (customerId: string) => (await house.grants(customerId)).map(({ state }) => state);
const later = (milliseconds: number) => new Date(Date.now() + milliseconds);

describe('a worker', () => {
  test('delivers what was bought, by itself and at once', async () => {
    const { customer } = await merchant.subscriber([
      (await house.benefit()).id,
      (await house.benefit('license_keys', {})).id,
    ]);
    await expect.poll(() => statesOf(customer.id)).toEqual(['ACTIVE', 'ACTIVE']);
    for (const { createdAt, grantedAt } of await house.grants(customer.id)) {
      expect((grantedAt?.getTime() ?? 0) - createdAt.getTime()).toBeLessThan(PROMPT_MS);
    }
    expect((await waitingJobs(house)).filter(({ name }) => name.startsWith('settle'))).toEqual([]);
  });

  test('withdraws at the instant that was announced', async () => {
    const { customer, subscription } = await merchant.subscriber([(await house.benefit()).id], {
      currentPeriodEnd: later(ahead + HOUR_MS),
    });
    await expect.poll(() => statesOf(customer.id)).toEqual(['ACTIVE']);
    const { endsAt } = await merchant.cancel(subscription.id, true);
    ahead += HOUR_MS;
    await expect.poll(() => statesOf(customer.id)).toEqual(['REVOKED']);
    const [grant] = await house.grants(customer.id);
    expect(grant?.entitledUntil).toEqual(endsAt);
    const late = (grant?.revokedAt?.getTime() ?? 0) - (endsAt?.getTime() ?? 0);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(PROMPT_MS);
    expect(await house.prisma.subscription.findUnique({ where: { id: subscription.id } })).toMatchObject({
      status: 'CANCELED',
    });
  });

  test('ends a grant by hand at its instant', async () => {
    const customer = await house.customer();
    const expiresAt = later(ahead + HOUR_MS);
    await merchant.give(customer.id, (await house.benefit()).id, { expiresAt });
    await expect.poll(() => statesOf(customer.id)).toEqual(['ACTIVE']);
    ahead += HOUR_MS;
    await expect.poll(() => statesOf(customer.id)).toEqual(['REVOKED']);
    const [grant] = await house.grants(customer.id);
    expect((grant?.revokedAt?.getTime() ?? 0) - expiresAt.getTime()).toBeLessThan(PROMPT_MS);
  });

  test('tries again what a third party said to try later', async () => {
    const { customer } = await merchant.subscriber([(await house.benefit('toy_room', { room: 'lobby', level: 1 })).id]);
    provider.faults.push({ status: 429, retryAfterSeconds: 1 });
    await expect.poll(async () => (await house.grants(customer.id))[0]?.attempts).toBe(1);
    await expect.poll(() => statesOf(customer.id)).toEqual(['ACTIVE']);
    expect(provider.of('Ada')).toEqual({ lobby: 1 });
  });

  test('works for others while a third party keeps it waiting for one customer', async () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    provider.onWrite = ({ room }) => (room === 'slow' ? answered : undefined);
    const slow = await merchant.subscriber([(await house.benefit('toy_room', { room: 'slow', level: 1 })).id]);
    await expect.poll(() => provider.writes.some(({ room }) => room === 'slow')).toBe(true);
    const quick = await merchant.subscriber([(await house.benefit()).id]);
    await expect.poll(() => statesOf(quick.customer.id)).toEqual(['ACTIVE']);
    expect(await statesOf(slow.customer.id)).toEqual(['CREATED']);
    answer();
    provider.onWrite = () => {};
  });
});

test('a worker that comes after every job was lost repairs everything', async () => {
  await using other = await openHouse({ startAt: new Date() });
  const seller = merchantOf(other);
  const benefit = await other.benefit('license_keys', {});
  const product = await other.product([benefit.id]);
  const people = await Promise.all(Array.from({ length: 10 }, () => other.customer()));
  const bought = await Promise.all(people.map(({ id }) => seller.subscribe(id, product.id)));
  for (const { customerId, id } of bought.slice(0, 5)) {
    await other.settle(customerId);
    await seller.cancel(id);
  }
  const edited = await seller.subscriber([benefit.id]);
  await other.settle(edited.customer.id);
  await seller.setBenefits(edited.product.id, []);
  await other.database.read('lose all jobs', 'DELETE FROM pgboss.job', []);
  await using _worker = await openWorker({
    url: other.url,
    kinds: allKinds,
    clock: () => new Date(Date.now() + 2 * MINUTE_MS),
  });
  const states = async () => {
    const rows = await other.prisma.benefitGrant.groupBy({ by: ['state'], _count: true });
    return Object.fromEntries(rows.map(({ state, _count }) => [state, _count]));
  };
  await expect.poll(states).toEqual({ ACTIVE: 5, REVOKED: 6 });
  await expect.poll(() => other.prisma.rollout.count({ where: { spreadAt: null } })).toBe(0);
});
