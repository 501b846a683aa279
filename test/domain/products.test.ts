import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as organizations from '../../src/domain/organizations.ts';
import * as products from '../../src/domain/products.ts';
import * as subscriptions from '../../src/domain/subscriptions/subscriptions.ts';
import { spreadRollout } from '../../src/jobs/spread-rollout.ts';
import { newId } from '../../src/lib/id.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';

let house: House;
let merchant: Merchant;
let organizationId: string;
beforeAll(async () => {
  house = await openHouse();
  merchant = merchantOf(house);
  organizationId = house.organizationId;
});
afterAll(() => house[Symbol.asyncDispose]());

const refused = (code: string, ...path: string[]) => expect.objectContaining({ code, path });
const update = (id: string, input: object) =>
  house.transaction((tx) => products.update(tx, { organizationId, id, ...input }));
const rolloutsOf = (productId: string) => house.prisma.rollout.count({ where: { productId } });
const listOf = async (productId: string) =>
  (await house.prisma.productBenefit.findMany({ where: { productId }, orderBy: { position: 'asc' } })).map(
    ({ benefitId }) => benefitId,
  );
const ids = async (count: number) => Promise.all(Array.from({ length: count }, async () => (await house.benefit()).id));

describe('the list of a product', () => {
  test('is replaced as a whole, and whoever it concerns follows', async () => {
    const [a = '', b = '', c = ''] = await ids(3);
    const product = await house.product([a, b]);
    expect(await rolloutsOf(product.id)).toBe(1);
    await merchant.setBenefits(product.id, [c, a]);
    expect(await listOf(product.id)).toEqual([c, a]);
    expect(await rolloutsOf(product.id)).toBe(2);
  });

  test('that is the same changes nothing and tells nothing', async () => {
    const list = await ids(2);
    const product = await house.product(list);
    const before = await house.events({ subjectId: product.id });
    await merchant.setBenefits(product.id, list);
    expect(await house.events({ subjectId: product.id })).toEqual(before);
    expect(await rolloutsOf(product.id)).toBe(1);
  });

  test('in another order settles nobody, and everybody sees it at once', async () => {
    const [a = '', b = '', c = ''] = await ids(3);
    const { customer, product } = await merchant.subscriber([a, b, c]);
    const buyer = await house.customer();
    await merchant.buy(buyer.id, product.id);
    for (const { id } of [customer, buyer]) await house.settle(id);
    const events = await house.events({ customerId: customer.id });
    await merchant.setBenefits(product.id, [c, a, b]);
    for (const { id } of [customer, buyer]) {
      const grants = await house.grants(id);
      expect(grants.toSorted((x, y) => x.position - y.position).map(({ benefitId }) => benefitId)).toEqual([c, a, b]);
      const { settleAt } = await house.prisma.customer.findUniqueOrThrow({ where: { id } });
      expect(settleAt).toBeNull();
    }
    expect(await rolloutsOf(product.id)).toBe(1);
    expect(await house.events({ customerId: customer.id })).toEqual(events);
  });

  test('may hold 100 benefits and no more', async () => {
    const list = await ids(101);
    const product = await house.product([]);
    await merchant.setBenefits(product.id, list.slice(0, 100));
    expect(await listOf(product.id)).toHaveLength(100);
    await expect(merchant.setBenefits(product.id, list)).rejects.toThrow(refused('INVALID_INPUT', 'benefitIds'));
  });

  test('names a benefit once, and only benefits there are', async () => {
    const [a = '', b = ''] = await ids(2);
    const product = await house.product([a]);
    const other = await house.transaction((tx) => organizations.create(tx, { name: 'Other' }));
    const foreign = await house.transaction(async (tx) => {
      const benefits = await import('../../src/domain/benefits.ts');
      return benefits.create(tx, { organizationId: other.id, type: 'custom', description: 'Theirs', properties: {} });
    });
    await expect(merchant.setBenefits(product.id, [a, b, a])).rejects.toThrow(
      refused('INVALID_INPUT', 'benefitIds', '2'),
    );
    for (const stranger of [foreign.id, newId('benefit'), 'nonsense', '']) {
      await expect(merchant.setBenefits(product.id, [a, stranger])).rejects.toThrow(
        refused('NOT_FOUND', 'benefitIds', '1'),
      );
    }
    expect(await listOf(product.id)).toEqual([a]);
  });
});

test('an edit waits for a purchase that is under way, and then reaches it', async () => {
  const [[benefitId = ''], product, customer] = [await ids(1), await house.product([]), await house.customer()];
  const { promise: paid, resolve: pay } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const purchase = house.transaction(async (tx) => {
    await subscriptions.create(tx, { organizationId, customerId: customer.id, productId: product.id });
    begin();
    await paid;
  });
  await begun;
  const edit = merchant.setBenefits(product.id, [benefitId]);
  const waiting = () =>
    house.prisma
      .$queryRaw`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
  await expect.poll(waiting).toHaveLength(1);
  pay();
  await Promise.all([purchase, edit]);
  const rollout = await house.prisma.rollout.findFirstOrThrow({
    where: { productId: product.id },
    orderBy: { id: 'desc' },
  });
  await spreadRollout(house.transaction).handle({ rolloutId: rollout.id });
  await house.settle(customer.id);
  expect((await house.grants(customer.id)).map(({ state }) => state)).toEqual(['ACTIVE']);
});

describe('what buyers keep', () => {
  const states = async (customerId: string, benefitIds: readonly string[]) => {
    const grants = await house.grants(customerId);
    return benefitIds.map((id) => grants.find(({ benefitId }) => benefitId === id)?.state);
  };

  test('of a product that keeps benefits for buyers is what they bought; subscribers lose it', async () => {
    const [a = '', b = ''] = await ids(2);
    const { customer: buyer, product } = await merchant.buyer([a, b], { keepForBuyers: true });
    const subscriber = await house.customer();
    await merchant.subscribe(subscriber.id, product.id);
    for (const { id } of [buyer, subscriber]) await house.settle(id);
    await merchant.setBenefits(product.id, [b]);
    for (const { id } of [buyer, subscriber]) await house.settle(id);
    expect([await states(buyer.id, [a, b]), await states(subscriber.id, [a, b])]).toEqual([
      ['ACTIVE', 'ACTIVE'],
      ['REVOKED', 'ACTIVE'],
    ]);
  });

  test('changes for everyone when the product says so, and not whenever they are next looked at', async () => {
    const [a = '', b = ''] = await ids(2);
    const { customer, product } = await merchant.buyer([a, b], { keepForBuyers: true });
    await house.settle(customer.id);
    await merchant.setBenefits(product.id, [b]);
    const before = await rolloutsOf(product.id);
    await update(product.id, { keepForBuyers: false });
    expect(await rolloutsOf(product.id)).toBe(before + 1);
    await update(product.id, { keepForBuyers: false, name: 'Renamed' });
    expect(await rolloutsOf(product.id)).toBe(before + 1);
  });
});

describe('a product', () => {
  test('that is told the same tells nothing', async () => {
    const product = await house.product([]);
    await update(product.id, { name: ` ${product.name} `, keepForBuyers: false, description: null });
    expect(await house.events({ subjectId: product.id })).toEqual(['product.created']);
  });

  test.each<[what: string, input: object, path: string]>([
    ['an empty name', { name: '' }, 'name'],
    ['a name with a NUL', { name: 'a\0' }, 'name'],
    ['an empty description', { description: '' }, 'description'],
    ['metadata with a list in it', { metadata: { a: [] } }, 'metadata'],
  ])('with %s is refused', async (_, input, path) => {
    const product = await house.product([]);
    await expect(update(product.id, input)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      path: expect.arrayContaining([path]),
    });
  });

  test.each([newId('product'), 'nonsense', ''])('%j is not found', async (id) => {
    await expect(update(id, { name: 'A' })).rejects.toThrow(refused('NOT_FOUND', 'id'));
    await expect(merchant.setBenefits(id, [])).rejects.toThrow(refused('NOT_FOUND', 'id'));
    const customer = await house.customer();
    await expect(merchant.subscribe(customer.id, id)).rejects.toThrow(refused('NOT_FOUND', 'productId'));
    await expect(merchant.buy(customer.id, id)).rejects.toThrow(refused('NOT_FOUND', 'productId'));
  });
});
