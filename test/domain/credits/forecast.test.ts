import { expect, test } from 'vitest';
import { emptyAt, forecast } from '../../../src/domain/credits/forecast.ts';
import { DAY_MS, HOUR_MS } from '../../../src/lib/time.ts';
import { creditsOf } from '../../support/credits.ts';
import { openHouse } from '../../support/house.ts';
import { day, reserve, type Step, tell, topUp, units, until, use } from './story.ts';

const ends = (count: number) => ({ expiresAt: day(count) });

test.each<[string, Step[], number, number | null]>([
  ['what is used evenly is empty when it is used up', [topUp(100)], 10, 10],
  ['from now on', [topUp(100), until(3), use(30)], 10, 10],
  ['what nobody uses lasts', [topUp(100)], 0, null],
  ['but for its end', [topUp(100, ends(5))], 0, 5],
  ['what ends earlier than it is used up is empty then', [topUp(100, ends(5))], 10, 5],
  ['what ends is used before what lasts', [topUp(100, ends(5)), topUp(100)], 10, 15],
  ['what is known to begin counts', [topUp(20), topUp(30, { effectiveAt: day(1) })], 10, 5],
  ['but not when it begins too late', [topUp(20), topUp(30, { effectiveAt: day(3) })], 10, 2],
  ['what is owed is empty already', [topUp(10), use(20)], 10, 0],
  ['what is held is there', [topUp(100), reserve('h', 50)], 10, 10],
  ['what lasts longer than calendars lasts', [topUp('99999999999999999999')], 1, null],
])('%s', (_, steps, perDay, expected) => {
  const at = emptyAt(tell(...steps), { used: units(perDay), ms: DAY_MS });
  expect(at).toEqual(expected === null ? null : day(expected));
});

test('the first minutes of a balance are no pace of days to come', async () => {
  await using house = await openHouse();
  const credits = creditsOf(house);
  const [{ id }, meterId] = [await house.customer(), await credits.meter()];
  await credits.topUp(id, meterId, '100');
  house.passTime(1_000);
  await credits.use(id, meterId, 10);
  const { perDay, emptyAt: then } = await forecast(
    house.database,
    await credits.balanceRow(id, meterId),
    house.clock(),
  );
  expect([perDay, then]).toEqual([units(240), new Date(house.time.now.getTime() + 9 * HOUR_MS)]);
});
