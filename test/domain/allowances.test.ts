import { afterAll, beforeAll, expect, test } from 'vitest';
import * as allowances from '../../src/domain/allowances.ts';
import { DAY_MS, MINUTE_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const use = (...wanted: allowances.Allowance[]) => house.transaction((tx) => allowances.use(tx, wanted));

test('what is used up says when it may be used next', async () => {
  const wanted = { name: 'invitations', limit: 2, windowMs: DAY_MS };
  const first = house.clock();
  expect([await use(wanted), await use(wanted)]).toEqual([null, null]);
  house.passTime(MINUTE_MS);
  expect(await use(wanted)).toEqual(new Date(first.getTime() + DAY_MS));
  house.passTime(DAY_MS);
  expect(await use(wanted)).toBeNull();
});

test('many who ask at once get no more than there is', async () => {
  const wanted = { name: 'rush', limit: 5, windowMs: DAY_MS };
  const answers = await Promise.all(Array.from({ length: 12 }, () => use(wanted)));
  expect(answers.filter((answer) => answer === null)).toHaveLength(5);
});

test('of several none is used when one is used up', async () => {
  const [narrow, wide] = [
    { name: 'narrow', limit: 1, windowMs: DAY_MS },
    { name: 'wide', limit: 2, windowMs: DAY_MS },
  ];
  expect(await use(narrow, wide)).toBeNull();
  expect(await use(narrow, wide)).not.toBeNull();
  expect([await use(wide), await use(wide)]).toEqual([null, expect.any(Date)]);
});
