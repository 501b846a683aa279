import { expect, test } from 'vitest';
import { give } from '../../../src/domain/credits/pledging.ts';
import * as customers from '../../../src/domain/customers.ts';
import { DAY_MS } from '../../../src/lib/time.ts';
import { creditsOf } from '../../support/credits.ts';
import { openHouse } from '../../support/house.ts';

test('the credits of one period are given once, though twenty give them at once', async () => {
  await using house = await openHouse();
  const credits = creditsOf(house);
  const { customer, meterId, subscription } = await credits.subscriber(100);
  await credits.use(customer.id, meterId, 40);
  const grantId = (await house.grants(customer.id))[0]?.id ?? '';
  const start = new Date(house.time.now.getTime() + 30 * DAY_MS);
  house.passTime(30 * DAY_MS);
  const renewal = {
    grantId,
    customerId: customer.id,
    meterId,
    subscriptionId: subscription.id,
    period: { start, end: new Date(start.getTime() + 30 * DAY_MS) },
    isRenewal: true,
    units: 100,
    priority: 0,
    rollover: null,
  };
  await Promise.all(
    Array.from({ length: 20 }, () =>
      house.transaction(async (tx) => {
        await customers.lockById(tx, customer.id);
        return give(tx, renewal);
      }),
    ),
  );
  expect(await credits.show(customer.id)).toBe('100 - 0 = 100');
  expect(await house.prisma.creditLot.count({ where: { grantId } })).toBe(2);
  await credits.expectAgreement();
});
