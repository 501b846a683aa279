import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Prisma } from '../../prisma/generated/client/client.ts';
import * as benefits from '../../src/domain/benefits.ts';
import * as organizations from '../../src/domain/organizations.ts';
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

const update = (
  id: string,
  input: { description?: string; metadata?: unknown; properties?: Prisma.InputJsonObject },
  of = organizationId,
) => house.transaction((tx) => benefits.update(tx, { organizationId: of, id, ...input }));
const refused = (code: string, ...path: string[]) => expect.objectContaining({ code, path });
const rolloutsOf = (benefitId: string) => house.prisma.rollout.count({ where: { benefitId } });

describe('an edit', () => {
  const properties = { prefix: 'APP', activations: { limit: 3, required: false, customerAdmin: true }, limitUsage: 5 };

  test('of the properties makes a new version and is delivered again', async () => {
    const { id } = await house.benefit('license_keys', properties);
    expect(await update(id, { properties: { ...properties, limitUsage: 6 } })).toMatchObject({ version: 2 });
    expect(await rolloutsOf(id)).toBe(1);
    expect(await house.events({ subjectId: id })).toEqual(['benefit.created', 'benefit.updated']);
  });

  test('that says the same in another order is none', async () => {
    const { id } = await house.benefit('license_keys', properties);
    const { limitUsage, activations, prefix } = properties;
    const { limit, required, customerAdmin } = activations;
    const same = { limitUsage, activations: { customerAdmin, required, limit }, prefix };
    expect(await update(id, { properties: same })).toMatchObject({ version: 1 });
    expect(await update(id, { properties: { ...properties, expires: undefined } as never })).toMatchObject({
      version: 1,
    });
    expect(await rolloutsOf(id)).toBe(0);
    expect(await house.events({ subjectId: id })).toEqual(['benefit.created']);
  });

  test('of the description alone is delivered to nobody', async () => {
    const { id } = await house.benefit();
    await update(id, { description: 'Another', metadata: { a: 1 } });
    await update(id, { description: ' Another ', metadata: { a: 1 } });
    expect(await rolloutsOf(id)).toBe(0);
    expect(await house.events({ subjectId: id })).toEqual(['benefit.created', 'benefit.updated']);
  });

  test.each<[what: string, input: Parameters<typeof update>[1], path: string]>([
    ['without a description', { description: ' ' }, 'description'],
    ['with a NUL', { description: 'a\0b' }, 'description'],
    ['with a long description', { description: 'x'.repeat(501) }, 'description'],
    ['with metadata that is text', { metadata: 'a' }, 'metadata'],
  ])('%s is refused', async (_, input, path) => {
    const { id } = await house.benefit();
    await expect(update(id, input)).rejects.toThrow(refused('INVALID_INPUT', path));
  });
});

describe('what is not there', () => {
  test.each([newId('benefit'), 'nonsense', ''])('%j is not found', async (id) => {
    await expect(update(id, { description: 'a' })).rejects.toThrow(refused('NOT_FOUND', 'id'));
    await expect(merchant.removeBenefit(id)).rejects.toThrow(refused('NOT_FOUND', 'id'));
  });

  test('another organization’s is not found, and stays as it was', async () => {
    const { id } = await house.benefit();
    const other = await house.transaction((tx) => organizations.create(tx, { name: 'Other' }));
    await expect(update(id, { description: 'Mine' }, other.id)).rejects.toThrow(refused('NOT_FOUND', 'id'));
    await expect(house.transaction((tx) => benefits.remove(tx, { organizationId: other.id, id }))).rejects.toThrow(
      refused('NOT_FOUND', 'id'),
    );
    expect(await house.prisma.benefit.findUnique({ where: { id } })).toMatchObject({ deletedAt: null });
  });
});

describe('a benefit that is deleted', () => {
  test('is on no product any more, and twice is once', async () => {
    const { id } = await house.benefit();
    const product = await house.product([id]);
    await merchant.removeBenefit(id);
    await merchant.removeBenefit(id);
    expect(await house.prisma.productBenefit.count({ where: { productId: product.id } })).toBe(0);
    expect(await house.events({ subjectId: id })).toEqual(['benefit.created', 'benefit.deleted']);
    expect(await rolloutsOf(id)).toBe(1);
  });

  test('cannot be edited, listed or given', async () => {
    const [{ id }, customer, product] = [await house.benefit(), await house.customer(), await house.product([])];
    await merchant.removeBenefit(id);
    await expect(update(id, { description: 'a' })).rejects.toThrow(refused('NOT_FOUND', 'id'));
    await expect(merchant.setBenefits(product.id, [id])).rejects.toThrow(refused('NOT_FOUND', 'benefitIds', '0'));
    await expect(merchant.give(customer.id, id)).rejects.toThrow(refused('NOT_FOUND', 'benefitId'));
  });

  test('while it is being listed is listed nowhere', async () => {
    for (let round = 0; round < 10; round++) {
      const [{ id }, product] = [await house.benefit(), await house.product([])];
      await Promise.allSettled([merchant.setBenefits(product.id, [id]), merchant.removeBenefit(id)]);
      expect(await house.prisma.productBenefit.count({ where: { benefitId: id } })).toBe(0);
    }
  });
});
