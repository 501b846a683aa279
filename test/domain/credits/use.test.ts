import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { use } from '../../../src/domain/credits/use.ts';
import { parseUnits } from '../../../src/lib/units.ts';
import { type House, openHouse } from '../../support/house.ts';
import { meterOf } from './meter.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

describe('usage', () => {
  test('of many customers and meters changes each balance once, and is told once each', async () => {
    const [ada, bob] = [await house.customer(), await house.customer()];
    const [calls, bytes] = [await meterOf(house), await meterOf(house)];
    const of = (customerId: string, meterId: string, units: string) => ({
      customerId,
      meterId,
      units: parseUnits(units),
    });
    const usage = [
      of(ada.id, calls, '1'),
      of(bob.id, bytes, '0.1'),
      of(ada.id, calls, '2'),
      of(bob.id, calls, '3'),
      of(bob.id, bytes, '0.2'),
    ];
    await house.transaction((tx) => use(tx, { organizationId: house.organizationId, usage }));
    const balances = await house.prisma.creditBalance.findMany({ orderBy: { id: 'asc' } });
    expect(balances.map(({ balance, overage, used }) => [balance, overage, used].map(Number))).toEqual([
      [-3, 3, 3],
      [-0.3, 0.3, 0.3],
      [-3, 3, 3],
    ]);
    expect(await house.events({ customerId: bob.id })).toEqual([
      'customer.created',
      'credit_balance.changed',
      'credit_balance.changed',
    ]);
  });

  test('of nothing changes nothing', async () => {
    const [ada, meterId] = [await house.customer(), await meterOf(house)];
    const usage = [{ customerId: ada.id, meterId, units: 0n }];
    await house.transaction((tx) => use(tx, { organizationId: house.organizationId, usage }));
    expect(await house.prisma.creditBalance.count({ where: { customerId: ada.id } })).toBe(0);
  });
});
