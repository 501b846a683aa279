import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as idempotency from '../../src/domain/idempotency.ts';
import { openKeyring } from '../../src/lib/keyring.ts';
import { DAY_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

let count = 0;
let done = 0;
const work = async () => ({ number: ++done, token: 'a token that is shown once' });
const call = (some: Partial<idempotency.Call>, by: () => Promise<object> = work) =>
  house.transaction((tx) =>
    idempotency.once(
      tx,
      { organizationId: house.organizationId, operation: 'test', key: null, request: {}, ...some },
      by,
    ),
  );

/** Who waits for somebody else's row. */
const waiting = () =>
  house.prisma.$queryRaw<
    object[]
  >`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;

test('a repeat answers what the first call answered, and does nothing', async () => {
  const key = `key${++count}`;
  const first = await call({ key, request: { a: 1, b: { c: [1, 2], d: null } } });
  expect(await call({ key, request: { b: { d: null, c: [1, 2] }, a: 1 } })).toEqual(first);
});

test('a request may hold numbers that JSON has no word for', async () => {
  const key = `key${++count}`;
  const request = { size: 2n ** 40n, at: new Date(0) };
  const first = await call({ key, request });
  expect(await call({ key, request })).toEqual(first);
  await expect(call({ key, request: { ...request, size: 1n } })).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('without a key the work is done each time', async () => {
  expect(await call({})).not.toEqual(await call({}));
});

test('the same key for something else is a conflict', async () => {
  const key = `key${++count}`;
  await call({ key, request: { list: [1, 2] } });
  await expect(call({ key, request: { list: [2, 1] } })).rejects.toMatchObject({
    code: 'CONFLICT',
    path: ['idempotencyKey'],
  });
});

test('the same key of another operation or organization is another key', async () => {
  const key = `key${++count}`;
  const first = await call({ key });
  expect(await call({ key, operation: 'other' })).not.toEqual(first);
  expect(await call({ key, organizationId: 'org_other' })).not.toEqual(first);
});

test('of fifty who call at once one does it, and all get its answer', async () => {
  const key = `key${++count}`;
  const before = done;
  const answers = await Promise.all(Array.from({ length: 50 }, () => call({ key })));
  expect(done).toBe(before + 1);
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
});

test('a call that failed leaves no trace and can be made again', async () => {
  const key = `key${++count}`;
  const failing = () => Promise.reject(new Error('It failed.'));
  await expect(call({ key }, failing)).rejects.toThrow('It failed.');
  await expect(call({ key })).resolves.toMatchObject({ token: 'a token that is shown once' });
});

test('one that waits for a call that then fails does the work itself', async () => {
  const key = `key${++count}`;
  const begun = Promise.withResolvers<void>();
  const failing = Promise.withResolvers<object>();
  const first = call({ key }, () => {
    begun.resolve();
    return failing.promise;
  });
  await begun.promise;
  const second = call({ key });
  await expect.poll(waiting).toHaveLength(1);
  failing.reject(new Error('It failed.'));
  await expect(first).rejects.toThrow('It failed.');
  await expect(second).resolves.toHaveProperty('number');
});

describe('of two who do things together under different locks and use one key at once', () => {
  const together = (key: string, request: object, remembered = async () => {}) =>
    house.transaction(async (tx) => {
      const of = { organizationId: house.organizationId, operation: 'test', key, request };
      const calls = await idempotency.recall<{ number: number }>(tx, [of]);
      const answer = calls.once(of, () => ({ number: ++done }));
      await calls.remember();
      await remembered();
      return answer;
    });
  const race = async (one: object, other: object) => {
    const key = `key${++count}`;
    const [remembered, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = together(key, one, () => {
      remembered.resolve();
      return over.promise;
    });
    await remembered.promise;
    const second = together(key, other);
    second.catch(() => {});
    await expect.poll(waiting).toHaveLength(1);
    over.resolve();
    return [await first, second] as const;
  };

  test('whoever comes second for the same gets the same', async () => {
    const [first, second] = await race({ for: 'one' }, { for: 'one' });
    await expect(second).resolves.toEqual(first);
  });

  test('whoever comes second for something else is told so', async () => {
    const [, second] = await race({ for: 'one' }, { for: 'another' });
    await expect(second).rejects.toMatchObject({ code: 'CONFLICT', path: ['idempotencyKey'] });
  });
});

test('a key is free again after a day, and not before', async () => {
  const key = `key${++count}`;
  const first = await call({ key });
  house.passTime(DAY_MS - 1);
  await house.transaction((tx) => idempotency.sweep(tx));
  expect(await call({ key })).toEqual(first);
  house.passTime(1);
  expect(await call({ key })).not.toEqual(first);
  house.passTime(DAY_MS);
  await house.transaction((tx) => idempotency.sweep(tx));
  expect(await house.prisma.idempotencyKey.count()).toBe(0);
});

test('an answer is kept sealed, and opens after the secret was rotated', async () => {
  const key = `key${++count}`;
  const first = await call({ key });
  const { answer } = await house.prisma.idempotencyKey.findFirstOrThrow({ where: { key } });
  expect(Buffer.from(answer ?? []).toString('latin1')).not.toContain('token');
  const keyring = openKeyring(['a new secret', 'a secret that is only good for tests']);
  const again = house.transaction((tx) =>
    idempotency.once(
      { ...tx, keyring },
      { organizationId: house.organizationId, operation: 'test', key, request: {} },
      work,
    ),
  );
  expect(await again).toEqual(first);
});

test.each(['', 'x'.repeat(201), 'a\0b', '\ud83c'])('a key of %j is refused', async (key) => {
  await expect(call({ key })).rejects.toMatchObject({ code: 'INVALID_INPUT', path: ['idempotencyKey'] });
});
