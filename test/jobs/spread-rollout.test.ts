import { expect, test } from 'vitest';
import { kinds } from '../../src/benefits/kinds.ts';
import { OCCASIONS } from '../../src/domain/mails/occasions.ts';
import { crowd } from '../support/crowd.ts';
import { openHouse } from '../support/house.ts';
import { merchantOf } from '../support/merchant.ts';
import { openWorker } from '../support/worker.ts';

const SUBSCRIBERS = 2_000;

test('an edit reaches thousands of subscribers, says how far it is, and lets purchases through', async () => {
  await using house = await openHouse({ startAt: new Date() });
  const merchant = merchantOf(house);
  const [kept, dropped, added] = [
    await house.benefit(),
    await house.benefit(),
    await house.benefit('license_keys', {}),
  ];
  const product = await house.product([kept.id, dropped.id]);
  await house.prisma.organization.updateMany({ data: { mutedMails: [...OCCASIONS] } });
  const people = await crowd(house, product.id, [kept.id, dropped.id], SUBSCRIBERS);
  await using _worker = await openWorker({ url: house.url, kinds });
  await merchant.setBenefits(product.id, [kept.id, added.id]);
  const { id } = await house.prisma.rollout.findFirstOrThrow({
    where: { productId: product.id },
    orderBy: { id: 'desc' },
  });
  const progress = async () => {
    const { total, spreadAt } = await house.prisma.rollout.findUniqueOrThrow({ where: { id } });
    return {
      total,
      left: await house.prisma.rolloutCustomer.count({ where: { rolloutId: id } }),
      spread: spreadAt !== null,
    };
  };
  await expect.poll(progress).toMatchObject({ total: SUBSCRIBERS });
  await expect.poll(async () => (await progress()).left).toBeLessThan(SUBSCRIBERS);

  house.time.now = new Date();
  const { customer } = await merchant.subscriber([kept.id]);
  const states = async () => (await house.grants(customer.id)).map(({ state }) => state);
  await expect.poll(states).toEqual(['ACTIVE']);

  await expect.poll(progress).toEqual({ total: SUBSCRIBERS, left: 0, spread: true });
  const count = (benefitId: string, state: 'ACTIVE' | 'REVOKED') =>
    house.prisma.benefitGrant.count({ where: { benefitId, state, customerId: { in: people } } });
  expect(await count(kept.id, 'ACTIVE')).toBe(SUBSCRIBERS);
  expect(await count(dropped.id, 'REVOKED')).toBe(SUBSCRIBERS);
  expect(await count(added.id, 'ACTIVE')).toBe(SUBSCRIBERS);
  expect(await house.prisma.licenseKey.count({ where: { customerId: { in: people } } })).toBe(SUBSCRIBERS);
  const [bought] = await house.grants(customer.id);
  const last = await house.prisma.benefitGrant.aggregate({ _max: { grantedAt: true }, where: { benefitId: added.id } });
  expect(bought?.grantedAt?.getTime()).toBeLessThan(last._max.grantedAt?.getTime() ?? 0);
  const told = await house.prisma.event.groupBy({
    by: ['type'],
    _count: true,
    where: { customerId: { in: people }, type: { startsWith: 'benefit_grant' } },
  });
  expect(Object.fromEntries(told.map(({ type, _count }) => [type, _count]))).toEqual({
    'benefit_grant.created': SUBSCRIBERS,
    'benefit_grant.updated': 2 * SUBSCRIBERS,
    'benefit_grant.revoked': SUBSCRIBERS,
  });
});
