import { expect, test } from 'vitest';
import { creditsOf } from '../../support/credits.ts';
import { openHouse } from '../../support/house.ts';
import { spawnCommand } from '../../support/process.ts';

test('of 1,000 consumers in two processes as many are served as there are credits', async () => {
  await using house = await openHouse({ startAt: new Date() });
  const credits = creditsOf(house);
  const { customer, meterId } = await credits.subscriber(600);
  const consumers = [1, 2].map(() =>
    spawnCommand(
      [
        process.execPath,
        'test/support/credit-consumer.ts',
        house.url,
        house.organizationId,
        customer.id,
        meterId,
        '500',
      ],
      {},
    ),
  );
  await Promise.all(consumers.map(({ says }) => says('took')));
  const took = consumers.map(({ output }) => Number(/took (\d+)/.exec(output())?.[1]));
  expect(took.reduce((sum, count) => sum + count, 0)).toBe(600);
  expect(await credits.show(customer.id)).toBe('600 - 600 = 0');
  await credits.expectAgreement();
});
