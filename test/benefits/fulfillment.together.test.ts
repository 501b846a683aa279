import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { settleHere } from '../../src/benefits/fulfillment.ts';
import type { Kind } from '../../src/benefits/kind.ts';
import { kinds as allKinds } from '../../src/benefits/kinds.ts';
import { countStatements } from '../graphql/statements.ts';
import { type House, openHouse } from '../support/house.ts';
import { waitingJobs } from '../support/jobs.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';
import { type Answers, toyInRows, toyOutside } from '../support/toy-kind.ts';

type InRows = Extract<Kind['keep'], { where: 'rows' }>;
type Deliver = InRows['deliver'];

const answers: Answers = {};
const toy = toyInRows({ answers });
const kept = (toy.keep as InRows).deliver;
/** What the toy does to deliver, as the test says. */
let deliver: Deliver = kept;
const kinds = [
  ...allKinds,
  { ...toy, keep: { ...toy.keep, deliver: (...given: Parameters<Deliver>) => deliver(...given) } as InRows },
  toyOutside('http://127.0.0.1:9'),
];

let house: House;
let merchant: Merchant;
beforeAll(async () => {
  house = await openHouse({ kinds });
  merchant = merchantOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());
afterEach(() => {
  deliver = kept;
  for (const work of Object.keys(answers)) delete answers[work as keyof Answers];
});

const word = async () => (await house.benefit('toy_word', { word: 'one' })).id;
const license = async () => (await house.benefit('license_keys', {})).id;
const crowd = async (count: number, ...benefitIds: string[]) => {
  const product = await house.product(benefitIds);
  const people = await Promise.all(Array.from({ length: count }, () => house.customer()));
  const subscriptions = await Promise.all(people.map(({ id }) => merchant.subscribe(id, product.id)));
  return { ids: people.map(({ id }) => id), subscriptions };
};
const settle = (ids: readonly string[], transaction = house.transaction) =>
  settleHere({ transaction, kinds, means: house.means, log: house.log }, ids);
const statesOf = async (id: string) => (await house.grants(id)).map(({ state }) => state);
const allStates = (ids: readonly string[]) => Promise.all(ids.map(statesOf));
const toldOf = async (id: string) =>
  (await house.events({ customerId: id })).filter((type) => type.startsWith('benefit_grant.'));

describe('customers who are settled together', () => {
  test('share a transaction, and twenty cost as many statements as two', async () => {
    const list = [await license(), await word()];
    const [few, many] = [await crowd(2, ...list), await crowd(20, ...list)];
    const two = await countStatements(() => settle(few.ids));
    const twenty = await countStatements(() => settle(many.ids));
    expect(await allStates([...few.ids, ...many.ids])).toEqual(Array(22).fill(['ACTIVE', 'ACTIVE']));
    expect(twenty.filter((statement) => statement === 'BEGIN')).toHaveLength(1);
    expect(twenty).toHaveLength(two.length);
  });

  test('each get theirs in the order attached, and hear of it in that order', async () => {
    const [a, b, c] = [await word(), await license(), await word()];
    const delivered = new Map<string, string[]>();
    deliver = (tx, orders) => {
      for (const { customer, benefit } of orders)
        delivered.set(customer.id, [...(delivered.get(customer.id) ?? []), benefit.id]);
      return kept(tx, orders);
    };
    const [one, other] = [await crowd(2, a, b, c), await crowd(2, c, a)];
    await settle([...one.ids, ...other.ids]);
    for (const [ids, list] of [
      [one.ids, [a, b, c]],
      [other.ids, [c, a]],
    ] as const) {
      for (const customerId of ids) {
        expect(delivered.get(customerId)).toEqual(list.filter((id) => id !== b));
        const rows = await house.prisma.event.findMany({
          where: { customerId, type: 'benefit_grant.updated' },
          orderBy: { sequence: 'asc' },
        });
        expect(rows.map(({ data }) => (data as { benefit: { id: string } }).benefit.id)).toEqual(list);
      }
    }
  });

  test('are told of once each, however often one is named', async () => {
    const { ids } = await crowd(3, await word());
    expect(await settle([...ids, ...ids])).toEqual(Array(6).fill(undefined));
    for (const id of ids) expect(await toldOf(id)).toEqual(['benefit_grant.created', 'benefit_grant.updated']);
    expect(await settle([...ids, 'cus_nobody'])).toEqual(Array(4).fill(undefined));
  });

  test('hand over whoever must wait for a third party, and nobody else', async () => {
    const [here, outside, after] = [
      await word(),
      (await house.benefit('toy_room', { room: 'lobby', level: 1 })).id,
      await word(),
    ];
    const [one, other] = [await crowd(2, here, outside, after), await crowd(2, here)];
    await settle([...one.ids, ...other.ids]);
    expect(await allStates([...one.ids, ...other.ids])).toEqual([
      ...Array(2).fill(['ACTIVE', 'CREATED', 'CREATED']),
      ...Array(2).fill(['ACTIVE']),
    ]);
    const handed = (await waitingJobs(house)).filter(({ name }) => name === 'settle-outside');
    expect(handed.map(({ data }) => data.customerId).sort()).toEqual(one.ids.toSorted());
  });
});

describe('one of many', () => {
  test('with whom a kind throws is tried again later, and the others have theirs', async () => {
    const [good, bad, next] = [await word(), await word(), await word()];
    answers.deliver = ({ benefit }) =>
      benefit.id === bad ? new Error('A defect.') : { is: 'done', held: { count: 1 } };
    const [fine, unlucky] = [await crowd(6, good), await crowd(1, good, bad, next)];
    const ids = [...fine.ids.slice(0, 3), ...unlucky.ids, ...fine.ids.slice(3)];
    expect(await settle(ids)).toEqual(Array(7).fill(undefined));
    expect(await allStates(fine.ids)).toEqual(Array(6).fill(['ACTIVE']));
    const held = await house.grants(unlucky.ids[0] ?? '');
    expect(held.map(({ state, attentionCode }) => [state, attentionCode])).toEqual([
      ['ACTIVE', null],
      ['CREATED', 'INTERNAL_ERROR'],
      ['ACTIVE', null],
    ]);
    for (const id of fine.ids) expect(await toldOf(id)).toEqual(['benefit_grant.created', 'benefit_grant.updated']);
  });

  test('whose settlement breaks the transaction breaks nobody else’s', async () => {
    const { ids } = await crowd(5, await license(), await word());
    const [, , broken = ''] = ids;
    deliver = async (tx, orders) => {
      if (orders.some(({ customer }) => customer.id === broken)) await tx.db.$queryRaw`SELECT 1 / 0`;
      return kept(tx, orders);
    };
    await settle(ids);
    expect(await allStates(ids)).toEqual([
      ...Array(2).fill(['ACTIVE', 'ACTIVE']),
      ['ACTIVE', 'CREATED'],
      ...Array(2).fill(['ACTIVE', 'ACTIVE']),
    ]);
    expect(await house.prisma.licenseKey.count({ where: { customerId: { in: ids } } })).toBe(5);
  });

  test('for whom the kind does not answer is tried again later', async () => {
    const { ids } = await crowd(3, await word());
    const [forgotten = ''] = ids;
    deliver = async (tx, orders) =>
      kept(
        tx,
        orders.filter(({ customer }) => customer.id !== forgotten),
      );
    await settle(ids);
    expect(await allStates(ids)).toEqual([['CREATED'], ['ACTIVE'], ['ACTIVE']]);
    expect(await house.grants(forgotten)).toMatchObject([{ attentionCode: 'INTERNAL_ERROR' }]);
  });

  test('whom somebody else is at is waited for alone', async () => {
    const { ids } = await crowd(4, await word());
    const [held = '', ...free] = ids;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: locked, resolve: got } = Promise.withResolvers<void>();
    const holding = house.transaction(async (tx) => {
      await tx.db.$queryRaw`SELECT 1 FROM "Customer" WHERE id = ${held} FOR NO KEY UPDATE`;
      got();
      await released;
    });
    await locked;
    const settling = settle(ids);
    await expect.poll(() => allStates(free)).toEqual(Array(3).fill(['ACTIVE']));
    expect(await statesOf(held)).toEqual(['CREATED']);
    release();
    await Promise.all([holding, settling]);
    expect(await statesOf(held)).toEqual(['ACTIVE']);
  });

  test('for whom a third party is being called is left to who called it', async () => {
    const { ids } = await crowd(3, await word());
    const settlingUntil = new Date(house.time.now.getTime() + 1_000);
    await house.prisma.customer.update({ where: { id: ids[1] ?? '' }, data: { settlingUntil } });
    await settle(ids);
    expect(await allStates(ids)).toEqual([['ACTIVE'], ['CREATED'], ['ACTIVE']]);
    const { settleAt } = await house.prisma.customer.findUniqueOrThrow({ where: { id: ids[1] ?? '' } });
    expect(settleAt).toEqual(settlingUntil);
    house.passTime(1_000);
    await settle(ids);
    expect(await statesOf(ids[1] ?? '')).toEqual(['ACTIVE']);
    await house.prisma.customer.update({ where: { id: ids[1] ?? '' }, data: { settlingUntil: null } });
  });

  test('who cancels in the middle comes after it, and has it taken back', async () => {
    const { ids, subscriptions } = await crowd(3, await license(), await word());
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: midway, resolve: arrived } = Promise.withResolvers<void>();
    deliver = async (tx, orders) => {
      arrived();
      await released;
      return kept(tx, orders);
    };
    const settling = settle(ids);
    await midway;
    const canceling = merchant.cancel(subscriptions[1]?.id ?? '');
    await expect.poll(() => waitingForLocks()).toBeGreaterThan(0);
    release();
    await Promise.all([settling, canceling]);
    deliver = kept;
    expect(await allStates(ids)).toEqual(Array(3).fill(['ACTIVE', 'ACTIVE']));
    await settle(ids);
    expect((await allStates(ids))[1]).toEqual(['REVOKED', 'REVOKED']);
    expect(await toldOf(ids[1] ?? '')).toHaveLength(4 * 2);
  });
});

const waitingForLocks = async (): Promise<number> => {
  const rows = await house.database.read('waiting for locks', 'SELECT 1 FROM pg_locks WHERE NOT granted', []);
  return rows.length;
};

test('a database that cannot be asked fails all of them at once, and is asked once', async () => {
  const { ids } = await crowd(8, await word());
  let asked = 0;
  const failures = await settle(ids, () => {
    asked++;
    return Promise.reject(new Error('There is no connection.'));
  });
  expect(asked).toBe(1);
  expect(failures).toEqual(Array(8).fill(new Error('There is no connection.')));
});
