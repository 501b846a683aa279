import { afterAll, beforeAll, expect, test } from 'vitest';
import * as allowances from '../../src/domain/allowances.ts';
import { DAY_MS, MINUTE_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

let holders = 0;
const useAs = (holder: string, ...wanted: allowances.Allowance[]) =>
  house.transaction((tx) => allowances.use(tx, holder, wanted));
/** Somebody new asks. */
const use = (...wanted: allowances.Allowance[]) => useAs(`somebody ${++holders}`, ...wanted);

test('what is used up says when it may be used next', async () => {
  const wanted = { name: 'invitations', limit: 2, windowMs: DAY_MS };
  const first = house.clock();
  expect([await use(wanted), await use(wanted)]).toEqual([null, null]);
  house.passTime(MINUTE_MS);
  expect(await use(wanted)).toEqual(new Date(first.getTime() + DAY_MS));
  house.passTime(DAY_MS);
  expect(await use(wanted)).toBeNull();
});

test('those who wait have a turn each: only as many at once as it allows by then, and nobody overtakes', async () => {
  const wanted = { name: 'line', limit: 2, windowMs: DAY_MS };
  const first = house.clock().getTime();
  const inDays = (days: number) => new Date(first + days * DAY_MS);
  const answers = [];
  for (const holder of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) answers.push(await useAs(holder, wanted));
  expect(answers).toEqual([null, null, inDays(1), inDays(1), inDays(2), inDays(2), inDays(3)]);
  // Asking again changes nothing about it.
  expect([await useAs('e', wanted), await useAs('g', wanted)]).toEqual([inDays(2), inDays(3)]);
  house.passTime(DAY_MS);
  expect(await useAs('late', wanted)).toEqual(inDays(3));
  expect([await useAs('d', wanted), await useAs('c', wanted)]).toEqual([null, null]);
  house.passTime(DAY_MS);
  // One of them does not come: that holds up nobody behind.
  expect(await useAs('e', wanted)).toBeNull();
  house.passTime(DAY_MS);
  expect([await useAs('g', wanted), await useAs('late', wanted)]).toEqual([null, null]);
});

test('who wants it no more leaves the line, and holds up nobody who comes later', async () => {
  const wanted = { name: 'left', limit: 1, windowMs: DAY_MS };
  const first = house.clock().getTime();
  expect(await useAs('a', wanted)).toBeNull();
  for (const holder of ['b', 'c', 'd']) expect(await useAs(holder, wanted)).not.toBeNull();
  for (const holder of ['b', 'c', 'd']) await house.transaction((tx) => allowances.giveUp(tx, holder));
  expect(await use(wanted)).toEqual(new Date(first + DAY_MS));
});

test('who still wants one of several keeps that turn, and leaves the other lines', async () => {
  const [kept, left] = ['kept', 'given up'].map((name) => ({ name, limit: 1, windowMs: DAY_MS }));
  if (!kept || !left) throw new Error('There are two.');
  for (const wanted of [kept, left]) await use(wanted);
  const turn = await useAs('b', kept);
  await useAs('b', left);
  await house.transaction((tx) => allowances.giveUp(tx, 'b', [kept.name]));
  expect(await useAs('c', left)).toEqual(turn);
  expect((await useAs('c', kept))?.getTime()).toBeGreaterThan(turn?.getTime() ?? 0);
  expect(await useAs('b', kept)).toEqual(turn);
});

test('whose turn is taken by somebody who was not counted is the next', async () => {
  const wanted = { name: 'taken', limit: 1, windowMs: DAY_MS };
  expect(await useAs('a', wanted)).toBeNull();
  const turns = [await useAs('b', wanted), await useAs('c', wanted)];
  house.passTime(DAY_MS);
  await house.prisma.allowanceUse.create({ data: { name: wanted.name, at: house.clock() } });
  expect(await useAs('b', wanted)).toEqual(turns[1]);
});

test('of several the one that is used up longest is waited for, and the others are left to others', async () => {
  const [minute, day] = [
    { name: 'of a minute', limit: 1, windowMs: MINUTE_MS },
    { name: 'of a day', limit: 1, windowMs: DAY_MS },
  ];
  expect(await use(minute, day)).toBeNull();
  for (let count = 0; count < 3; count++) expect(await use(minute, day)).not.toBeNull();
  house.passTime(MINUTE_MS);
  expect(await use(minute)).toBeNull();
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
