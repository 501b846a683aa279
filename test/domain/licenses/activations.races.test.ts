import { afterAll, beforeAll, expect, test } from 'vitest';
import * as activations from '../../../src/domain/licenses/activations.ts';
import { type House, openHouse } from '../../support/house.ts';
import { merchantOf } from '../../support/merchant.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

/** A license with so many slots, and the key that opens it. */
async function license(limit: number) {
  const benefit = await house.benefit('license_keys', {
    activations: { limit, customerAdmin: false, required: false },
  });
  const { customer, subscription } = await merchantOf(house).subscriber([benefit.id]);
  await house.settle(customer.id);
  const { id, sealed } = await house.prisma.licenseKey.findFirstOrThrow({
    where: { customerId: customer.id },
    omit: { sealed: false },
  });
  return { id, key: house.keyring.open(sealed), customerId: customer.id, subscriptionId: subscription.id };
}

const activate = (key: string, label: string, fingerprint?: string) =>
  house.transaction((tx) => activations.activate(tx, { key, label, ...(fingerprint && { fingerprint }) }));
const deactivate = (activationId: string) => house.transaction((tx) => activations.deactivate(tx, { activationId }));
const active = (licenseKeyId: string) =>
  house.prisma.licenseActivation.count({ where: { licenseKeyId, deactivatedAt: null } });
const told = async (subjectId: string, type: string) =>
  (await house.events({ subjectId })).filter((each) => each === type).length;

/** What became of many tries: how many were let in, and why the others were not. */
function outcomes(tries: readonly PromiseSettledResult<unknown>[]): Record<string, number> {
  const names = tries.map((each) => (each.status === 'fulfilled' ? 'in' : String(each.reason.code ?? each.reason)));
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}

test('of 300 machines that come at once, as many get in as there are slots', async () => {
  const { id, key } = await license(5);
  const tries = await Promise.allSettled(
    Array.from({ length: 300 }, (_, machine) => activate(key, `Machine ${machine}`)),
  );
  expect(outcomes(tries)).toEqual({ in: 5, LIMIT_REACHED: 295 });
  expect(await active(id)).toBe(5);
  expect(await told(id, 'license_key.activated')).toBe(5);
});

test('one machine that comes 50 times at once takes one slot', async () => {
  const { id, key } = await license(5);
  const all = await Promise.all(Array.from({ length: 50 }, () => activate(key, 'Laptop', 'abc')));
  expect(new Set(all.map((each) => each.id)).size).toBe(1);
  expect(await active(id)).toBe(1);
  expect(await told(id, 'license_key.activated')).toBe(1);
});

test('slots that are freed and taken at the same time are never more than there are', async () => {
  const { id, key } = await license(3);
  const machines = Array.from({ length: 12 }, async (_, machine) => {
    for (let round = 0; round < 5; round++) {
      const [mine] = await Promise.allSettled([activate(key, `Machine ${machine}`)]);
      if (mine?.status === 'rejected') continue;
      expect(await active(id)).toBeLessThanOrEqual(3);
      await Promise.all([deactivate(mine.value.id), deactivate(mine.value.id)]);
    }
  });
  await Promise.all(machines);
  expect(await active(id)).toBe(0);
  expect(await told(id, 'license_key.activated')).toBe(await told(id, 'license_key.deactivated'));
});

test('after a cancellation is committed nobody gets in', async () => {
  const { key, subscriptionId } = await license(1_000);
  let over = false;
  const machines = Array.from({ length: 40 }, async (_, machine) => {
    const late = over;
    const [mine] = await Promise.allSettled([activate(key, `Machine ${machine}`)]);
    if (late) expect(mine).toMatchObject({ status: 'rejected', reason: { code: 'REVOKED' } });
  });
  await merchantOf(house).cancel(subscriptionId);
  over = true;
  await Promise.all(machines);
  await expect(activate(key, 'Late')).rejects.toMatchObject({ code: 'REVOKED' });
});
