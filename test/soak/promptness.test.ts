import { afterAll, beforeAll, expect, test } from 'vitest';
import { after, SECOND_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';
import { merchantOf } from '../support/merchant.ts';
import { openWorker } from '../support/worker.ts';

/** What is promised; the suite asks for less, since the machine it runs on may be busy. */
const PROMPT_MS = 2 * SECOND_MS;
const TIMES = 10;

let house: House;
beforeAll(async () => {
  house = await openHouse();
  Object.defineProperty(house.time, 'now', { get: () => new Date() });
});
afterAll(() => house[Symbol.asyncDispose]());

test('what ends at an instant is withdrawn within two seconds of it, time after time', async () => {
  const merchant = merchantOf(house);
  await using _worker = await openWorker({ url: house.url, kinds: house.kinds });
  const benefitId = (await house.benefit('license_keys', {})).id;
  for (let time = 0; time < TIMES; time++) {
    const customer = await house.customer();
    const expiresAt = after(new Date(), 1.5 * SECOND_MS);
    await merchant.give(customer.id, benefitId, { expiresAt });
    const states = async () => (await house.grants(customer.id)).map(({ state }) => state);
    await expect.poll(states).toEqual(['REVOKED']);
    const [grant] = await house.grants(customer.id);
    const late = (grant?.revokedAt?.getTime() ?? 0) - expiresAt.getTime();
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(PROMPT_MS);
  }
});
