import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { settle } from '../../src/benefits/fulfillment.ts';
import { MINUTE_MS } from '../../src/lib/time.ts';
import { openRooms, type Rooms } from '../support/rooms.ts';
import { toyInRows } from '../support/toy-kind.ts';

let rooms: Rooms;
beforeAll(async () => {
  rooms = await openRooms();
});
afterAll(() => rooms[Symbol.asyncDispose]());
afterEach(() => rooms.reset());

/** Somebody who is promised a place in the lobby, and a word after it. */
async function buyer() {
  const benefits = [await rooms.place(), await rooms.house.benefit('toy_word', { word: 'hello' })];
  const { customer, subscription } = await rooms.merchant.subscriber(benefits.map(({ id }) => id));
  const account = rooms.newAccount();
  await rooms.merchant.rename(customer.id, account);
  const grants = async () =>
    (await rooms.house.grants(customer.id)).map(({ state, attentionCode }) => [state, attentionCode]);
  return { customerId: customer.id, account, subscription, grants };
}

test('what became of a call is written down once, also when what comes after it in the same transaction fails', async () => {
  const { customerId, account, subscription, grants } = await buyer();
  const { transaction, kinds, means, log } = rooms.house;
  const broken = toyInRows({ answers: { deliver: () => new Error('A fault of ours.') } });
  const outsideAndBroken = kinds.map((kind) => (kind.type === broken.type ? broken : kind));
  await settle({ transaction, kinds: outsideAndBroken, means, log }, customerId);
  expect(await grants()).toEqual([
    ['ACTIVE', null],
    ['CREATED', 'INTERNAL_ERROR'],
  ]);
  expect(rooms.told()).toEqual(['PUT lobby 2']);
  const told = await rooms.house.events({ customerId });
  expect(told.filter((type) => type === 'benefit_grant.updated')).toHaveLength(2);

  rooms.house.passTime(MINUTE_MS);
  await rooms.house.settle(customerId);
  expect(await grants()).toEqual([
    ['ACTIVE', null],
    ['ACTIVE', null],
  ]);
  expect(rooms.told()).toEqual(['PUT lobby 2']);
  await rooms.merchant.cancel(subscription.id);
  await rooms.house.settle(customerId);
  expect(rooms.provider.of(account)).toEqual({});
});

test.each([
  ['given', [] as string[]],
  ['taken away', ['PUT lobby 2']],
])('what was %s is written down when writing it down fails at first, and is not done again', async (what, before) => {
  const { customerId, subscription, grants } = await buyer();
  if (what === 'taken away') {
    await rooms.house.settle(customerId);
    await rooms.merchant.cancel(subscription.id);
  }
  const { transaction, kinds, means, log } = rooms.house;
  let left = 1;
  const stumbling: typeof transaction = async (work) => {
    const isDone = rooms.provider.writes.length > before.length;
    const answer = await transaction(async (tx) => {
      const answer = await work(tx);
      // Nothing of it stands: it went wrong before the commit.
      if (isDone && isAnswerOf(answer) && left-- > 0) throw new Error('The database went away.');
      return answer;
    });
    return answer;
  };
  await expect(settle({ transaction: stumbling, kinds, means, log }, customerId)).rejects.toThrow('went away');
  const done = what === 'given' ? 'ACTIVE' : 'REVOKED';
  expect((await grants())[0]).toEqual([done, null]);

  // The job is tried again by the queue, or the clock sends another.
  await rooms.house.settle(customerId);
  expect(await grants()).toEqual([
    [done, null],
    [done, null],
  ]);
  expect(rooms.told()).toEqual([...before, what === 'given' ? 'PUT lobby 2' : 'DELETE lobby']);
});

/** What settlement goes on from: not one of the small transactions of a kind at work. */
const isAnswerOf = (answer: unknown): boolean => typeof answer === 'object' && answer !== null && 'reached' in answer;
