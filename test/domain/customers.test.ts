import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as customers from '../../src/domain/customers.ts';
import * as organizations from '../../src/domain/organizations.ts';
import { newId } from '../../src/lib/id.ts';
import { type House, openHouse } from '../support/house.ts';

let house: House;
let organizationId: string;
beforeAll(async () => {
  house = await openHouse();
  organizationId = house.organizationId;
});
afterAll(() => house[Symbol.asyncDispose]());

type Input = Omit<Parameters<typeof customers.create>[1], 'organizationId'>;
let count = 0;
const create = (input: Partial<Input> = {}, of = organizationId) =>
  house.transaction((tx) =>
    customers.create(tx, { organizationId: of, email: `person${++count}@example.com`, ...input }),
  );
const update = (id: string, input: object, of = organizationId) =>
  house.transaction((tx) => customers.update(tx, { organizationId: of, id, ...input }));
const identify = (by: customers.CustomerBy, of = organizationId) =>
  house.transaction((tx) => customers.identify(tx, { organizationId: of, by, path: ['customer'] }));
const refused = (code: string, ...path: string[]) => expect.objectContaining({ code, path });

test('a customer keeps what was said, tidied', async () => {
  const made = await create({
    email: ' Ada@Example.COM ',
    externalId: ' user_1 ',
    name: ' Ada ',
    metadata: { plan: 'pro' },
  });
  expect(made).toMatchObject({
    email: 'ada@example.com',
    externalId: 'user_1',
    name: 'Ada',
    metadata: { plan: 'pro' },
  });
});

describe('somebody else has', () => {
  test('the e-mail address, however it is written', async () => {
    const { email } = await create();
    await expect(create({ email: email.toUpperCase() })).rejects.toThrow(refused('CONFLICT', 'email'));
    await expect(update((await create()).id, { email })).rejects.toThrow(refused('CONFLICT', 'email'));
  });

  test('the external id', async () => {
    await create({ externalId: 'taken' });
    await expect(create({ externalId: 'taken' })).rejects.toThrow(refused('CONFLICT', 'externalId'));
    await expect(update((await create()).id, { externalId: 'taken' })).rejects.toThrow(
      refused('CONFLICT', 'externalId'),
    );
  });

  test('neither, when they are another organization’s', async () => {
    const other = await house.transaction((tx) => organizations.create(tx, { name: 'Other' }));
    const { email } = await create({ externalId: 'shared' });
    await expect(create({ email, externalId: 'shared' }, other.id)).resolves.toMatchObject({ externalId: 'shared' });
  });

  test('and of twenty who come at once one gets it', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => create({ externalId: 'wanted' })));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of tries) if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'CONFLICT' });
  });
});

describe('what is refused', () => {
  test.each<[what: string, input: Partial<Input>, path: string]>([
    ['an e-mail address that is none', { email: 'ada' }, 'email'],
    ['an e-mail address with a NUL', { email: 'a\0da@example.com' }, 'email'],
    ['an empty external id', { externalId: '' }, 'externalId'],
    ['an external id with a NUL', { externalId: 'a\0b' }, 'externalId'],
    ['an external id that is too long', { externalId: 'x'.repeat(201) }, 'externalId'],
    ['an empty name', { name: '' }, 'name'],
    ['a name of spaces', { name: '   ' }, 'name'],
    ['half a character', { name: 'Ada \ud83c' }, 'name'],
    ['metadata that is a list', { metadata: [] }, 'metadata'],
  ])('%s', async (_, input, path) => {
    const { id } = await create();
    const before = await house.events();
    await expect(create(input)).rejects.toThrow(refused('INVALID_INPUT', path));
    await expect(update(id, input)).rejects.toThrow(refused('INVALID_INPUT', path));
    expect(await house.events()).toEqual(before);
  });

  test('metadata whose values are not text, numbers or booleans, by its key', async () => {
    await expect(create({ metadata: { a: { b: 1 } } })).rejects.toThrow(refused('INVALID_INPUT', 'metadata', 'a'));
  });
});

describe('a change', () => {
  test('keeps what is absent and clears what is null', async () => {
    const { id } = await create({ name: 'Ada', externalId: 'ada', metadata: { a: 1 } });
    expect(await update(id, { name: null })).toMatchObject({ name: null, externalId: 'ada', metadata: { a: 1 } });
    expect(await update(id, { externalId: null, metadata: null })).toMatchObject({ externalId: null, metadata: {} });
  });

  test('that changes nothing tells nothing', async () => {
    const { id, email } = await create({ name: 'Ada', metadata: { b: 1, a: 2 } });
    await update(id, { name: ' Ada ', email: email.toUpperCase(), metadata: { a: 2, b: 1 } });
    expect(await house.events({ customerId: id })).toEqual(['customer.created']);
    await update(id, { name: 'Grace' });
    expect(await house.events({ customerId: id })).toEqual(['customer.created', 'customer.updated']);
  });

  test.each([newId('customer'), 'cus_', 'nonsense', '', newId('order')])(
    'of %j, which is nobody, is not found',
    async (id) => {
      await expect(update(id, { name: 'Ada' })).rejects.toThrow(refused('NOT_FOUND', 'id'));
    },
  );

  test('of another organization’s customer is not found', async () => {
    const { id } = await create({ name: 'Ada' });
    const other = await house.transaction((tx) => organizations.create(tx, { name: 'Other' }));
    await expect(update(id, { name: 'Eve' }, other.id)).rejects.toThrow(refused('NOT_FOUND', 'id'));
    expect(await house.prisma.customer.findUnique({ where: { id } })).toMatchObject({ name: 'Ada' });
  });
});

describe('a customer is named', () => {
  test('by id, external id or e-mail address, as it was written', async () => {
    const { id, email } = await create({ externalId: 'named' });
    expect(await identify({ id })).toBe(id);
    expect(await identify({ externalId: ' named ' })).toBe(id);
    expect(await identify({ email: ` ${email.toUpperCase()} ` })).toBe(id);
  });

  test.each<customers.CustomerBy>([
    { id: newId('customer') },
    { id: 'nonsense' },
    { externalId: 'nobody' },
    { email: 'nobody@example.com' },
    {},
  ])('and %j is nobody', async (by) => {
    await expect(identify(by)).rejects.toThrow(refused('NOT_FOUND', 'customer'));
  });

  test('and another organization’s is nobody', async () => {
    const { id, email } = await create({ externalId: 'foreign' });
    const other = await house.transaction((tx) => organizations.create(tx, { name: 'Other' }));
    for (const by of [{ id }, { externalId: 'foreign' }, { email }]) {
      await expect(identify(by, other.id)).rejects.toThrow(refused('NOT_FOUND', 'customer'));
    }
  });
});
