import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLog } from '../../src/platform/log.ts';
import { type Lookups, openLookups } from '../../src/platform/lookups.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let database: TestDatabase;
let lookups: Lookups;

beforeAll(async () => {
  database = await testDatabase({ empty: true });
  lookups = openLookups({ url: database.url, log: openLog('silent') });
});
afterAll(async () => {
  await lookups[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const echo = (value: number) => lookups.lookUp<{ value: number }>('echo', 'SELECT $1::int AS value', [value]);
const broken = () => lookups.lookUp('broken', 'SELECT 1 / $1::int', [0]);
const whoAmI = () => lookups.lookUp<{ pid: number }>('who', 'SELECT pg_backend_pid() AS pid', []);

test('each statement gets its own answer, however many share a connection', async () => {
  const values = Array.from({ length: 200 }, (_, index) => index);
  const answers = await Promise.all(values.map(echo));
  expect(answers).toEqual(values.map((value) => [{ value }]));
});

test('a few connections serve everyone', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, whoAmI));
  const pids = new Set(answers.map(([row]) => row?.pid));
  expect(pids.size).toBeLessThanOrEqual(3);
});

test('one that fails fails alone', async () => {
  const answers = await Promise.allSettled([echo(1), broken(), echo(2), broken(), echo(3), echo(4), broken()]);
  expect(answers.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'rejected',
  ]);
  expect(await Promise.all([5, 6, 7].map(echo))).toEqual([[{ value: 5 }], [{ value: 6 }], [{ value: 7 }]]);
});

const squares = (ids: string[], others: string[] = ['0']) =>
  lookups.lookUpEach<{ id: string; square: number; pid: number; at: string }>({
    name: 'squares',
    text: `SELECT id, id::int * id::int + $2::int AS square, pg_backend_pid() AS pid, statement_timestamp()::text AS at
      FROM unnest($1::text[]) AS asked(id)`,
    ids,
    others,
    idOf: ({ id }) => id,
  });
const told = (rows: { id: string; square: number }[]) => rows.map(({ id, square }) => `${id}: ${square}`).sort();

test('all who ask for some of the same in one turn are answered by one statement, each with what they asked for', async () => {
  const wanted = [['1', '2'], ['2', '3'], ['3'], ['2', '2'], []];
  const answers = await Promise.all(wanted.map((ids) => squares(ids)));
  expect(answers.map(told)).toEqual([['1: 1', '2: 4'], ['2: 4', '3: 9'], ['3: 9'], ['2: 4'], []]);
  expect(new Set(answers.flat().map(({ at }) => at)).size).toBe(1);
});

test('who names an id twice is given nothing that others asked for', async () => {
  const answers = await Promise.all([squares(['2', '2']), squares(['3']), squares(['3', '3'])]);
  expect(answers.map(told)).toEqual([['2: 4'], ['3: 9'], ['3: 9']]);
});

test('what differs in its other values is asked apart', async () => {
  const [none, ten] = await Promise.all([squares(['4']), squares(['4'], ['10'])]);
  expect([told(none), told(ten)]).toEqual([['4: 16'], ['4: 26']]);
});

test('who asks in a later turn is not given what was read before', async () => {
  const [first] = await squares(['5']);
  const [second] = await squares(['5']);
  expect(second?.at).not.toBe(first?.at);
});

test('a statement that fails fails all who are in it, and nobody else', async () => {
  const answers = await Promise.allSettled([squares(['6', 'x']), squares(['7']), squares(['7'], ['1']), echo(8)]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled']);
});

test('plans that are made once do for all values', async () => {
  const [setting] = await lookups.lookUp<{ plan_cache_mode: string }>('setting', 'SHOW plan_cache_mode', []);
  expect(setting?.plan_cache_mode).toBe('force_generic_plan');
});

test('a connection that is lost fails what it was asked, and is made anew', async () => {
  const lost = await Promise.allSettled(
    Array.from({ length: 3 }, () =>
      lookups.lookUp('suicide', 'SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(10)', []),
    ),
  );
  expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(await Promise.all([1, 2, 3, 4].map(echo))).toEqual([1, 2, 3, 4].map((value) => [{ value }]));
});

test('where there is no database, asking fails, and nothing stays open', async () => {
  await using away = openLookups({ url: 'postgresql://127.0.0.1:1/none', log: openLog('silent') });
  await expect(away.lookUp('echo', 'SELECT 1', [])).rejects.toThrow('ECONNREFUSED');
  await expect(away.lookUp('echo', 'SELECT 1', [])).rejects.toThrow('ECONNREFUSED');
});
