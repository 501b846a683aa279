import { afterEach, beforeEach, expect, test } from 'vitest';
import { kinds as allKinds } from '../../src/benefits/kinds.ts';
import { MINUTE_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';
import { type BoonProcess, spawnCommand } from '../support/process.ts';
import { expectSettled } from '../support/quiet.ts';
import { toyOutside } from '../support/toy-kind.ts';
import { openProvider, type Provider } from '../support/toy-provider.ts';

/** So late that what others were doing is taken for lost. */
const LATER_MS = 5 * MINUTE_MS;

let provider: Provider;
let house: House;
let merchant: Merchant;
beforeEach(async () => {
  provider = await openProvider();
  house = await openHouse({ kinds: [...allKinds, toyOutside(provider.url)], startAt: new Date() });
  merchant = merchantOf(house);
});
afterEach(async () => {
  await house[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

async function startWorker(aheadMs = 0): Promise<BoonProcess> {
  const script = 'test/support/worker-process.ts';
  const worker = spawnCommand([process.execPath, script, house.url, provider.url, String(aheadMs)], {
    ...process.env,
  } as Record<string, string>);
  await worker.says('working');
  return worker;
}

async function kill(worker: BoonProcess): Promise<void> {
  worker.child.kill('SIGKILL');
  expect(await worker.ended).toBe('SIGKILL');
}

const statesOf = async (customerId: string) => (await house.grants(customerId)).map(({ state }) => state);
const newsOf = async (customerId: string) =>
  (await house.events({ customerId }))
    .filter((type) => type.startsWith('benefit_grant.'))
    .map((type) => type.replace('benefit_grant.', ''));

test('killed between a purchase and its job, everything still arrives exactly once', async () => {
  // Whatever becomes of the test, nobody who was stopped outlives it.
  await using doomed = await startWorker();
  doomed.child.kill('SIGSTOP');
  const benefits = [
    await house.benefit('license_keys', {}),
    await house.benefit('toy_room', { room: 'lobby', level: 1 }),
  ];
  const { customer } = await merchant.subscriber(benefits.map(({ id }) => id));
  await kill(doomed);
  await using _worker = await startWorker(LATER_MS);
  await expect.poll(() => statesOf(customer.id)).toEqual(['ACTIVE', 'ACTIVE']);
  expect(await newsOf(customer.id)).toEqual(['created', 'created', 'updated', 'updated']);
  expect(provider.writes).toHaveLength(1);
});

test('killed between an effect and its record, everything still arrives exactly once', async () => {
  await using doomed = await startWorker();
  const { promise: killed, resolve: die } = Promise.withResolvers<void>();
  provider.onWrite = async () => {
    provider.onWrite = () => {};
    await kill(doomed);
    die();
  };
  const benefits = [
    await house.benefit('toy_room', { room: 'lobby', level: 1 }),
    await house.benefit('license_keys', {}),
  ];
  const { customer, subscription } = await merchant.subscriber(benefits.map(({ id }) => id));
  await killed;
  expect(provider.of('Ada')).toEqual({ lobby: 1 });
  expect(await statesOf(customer.id)).toEqual(['CREATED', 'CREATED']);

  await using heir = await startWorker(LATER_MS);
  await expect.poll(() => statesOf(customer.id)).toEqual(['ACTIVE', 'ACTIVE']);
  expect(await newsOf(customer.id)).toEqual(['created', 'created', 'updated', 'updated']);
  expect(await house.prisma.licenseKey.count({ where: { customerId: customer.id } })).toBe(1);

  provider.onWrite = async () => {
    provider.onWrite = () => {};
    await kill(heir);
  };
  await merchant.cancel(subscription.id);
  await heir.ended;
  expect(provider.of('Ada')).toEqual({});
  await using _last = await startWorker(2 * LATER_MS);
  await expect.poll(() => statesOf(customer.id)).toEqual(['REVOKED', 'REVOKED']);
  expect((await newsOf(customer.id)).filter((news) => news === 'revoked')).toHaveLength(2);
  expect(provider.of('Ada')).toEqual({});
});

test('killed again and again in the middle of the work, everything still arrives exactly once', async () => {
  const list = [
    await house.benefit('license_keys', {}),
    await house.benefit(),
    await house.benefit('license_keys', {}),
  ].map(({ id }) => id);
  const product = await house.product(list);
  const people = await Promise.all(Array.from({ length: 60 }, () => house.customer()));
  const bought = await Promise.all(people.map(({ id }) => merchant.subscribe(id, product.id)));
  const active = () => house.prisma.benefitGrant.count({ where: { state: 'ACTIVE' } });
  for (const [round, some] of [1, 90].entries()) {
    const doomed = await startWorker(round * LATER_MS);
    await expect.poll(active, { interval: 1 }).toBeGreaterThanOrEqual(some);
    await kill(doomed);
  }
  for (const { id } of bought.slice(0, 20)) await merchant.cancel(id);
  await using _worker = await startWorker(3 * LATER_MS);
  await expect.poll(active).toBe(120);
  await expect.poll(() => house.prisma.benefitGrant.count({ where: { state: 'CREATED' } })).toBe(0);
  expect(
    await house.prisma.licenseKey.count({ where: { customerId: { in: people.slice(20).map(({ id }) => id) } } }),
  ).toBe(80);
  house.time.now = new Date(Date.now() + 3 * LATER_MS);
  await expectSettled(house);
});
