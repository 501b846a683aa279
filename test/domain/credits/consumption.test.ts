import { expect, test } from 'vitest';
import { creditsOf } from '../../support/credits.ts';
import { openHouse } from '../../support/house.ts';

test('what fails for one who consumes fails for nobody who asks at the same time', async () => {
  await using house = await openHouse();
  const credits = creditsOf(house);
  const meterId = await credits.meter();
  const people = await Promise.all([1, 2, 3, 4, 5].map(house.customer));
  for (const { id } of people) await credits.topUp(id, meterId, '10');
  const [, , guilty] = people;
  await house.prisma.creditBalance.updateMany({
    where: { customerId: guilty?.id ?? '' },
    data: { used: '9'.repeat(32) },
  });
  const answers = await Promise.allSettled(people.map(({ id }) => credits.consume(id, meterId, '3')));
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(await Promise.all(people.map(({ id }) => credits.show(id)))).toEqual(
    people.map((each) => (each === guilty ? '10 - 0 = 10' : '10 - 3 = 7')),
  );
});
