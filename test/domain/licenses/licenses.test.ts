import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LimitReachedError } from '../../../src/lib/errors.ts';
import { DAY_MS } from '../../../src/lib/time.ts';
import { merchantOf } from '../../support/merchant.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const codeOf = async (key: string, rest: object = {}) => (await shop.validate({ key, ...rest })).code;

describe('what changes a license is seen at once by the process that changed it', () => {
  test('disabling, enabling, limits and usage', async () => {
    const { id, key } = await shop.sell({ limitUsage: 2 });
    expect(await codeOf(key)).toBe('VALID');
    await shop.change(id, { status: 'DISABLED' });
    expect(await codeOf(key)).toBe('DISABLED');
    await shop.change(id, { status: 'GRANTED', expiresAt: new Date(shop.time.now) });
    expect(await codeOf(key)).toBe('EXPIRED');
    await shop.change(id, { expiresAt: null });
    expect(await shop.consume({ key, units: 2 })).toEqual({ valid: true, code: 'VALID', usage: 2, limitUsage: 2 });
    expect(await shop.validate({ key })).toMatchObject({ code: 'USAGE_EXCEEDED', usage: 2 });
    await shop.change(id, { usage: 0 });
    expect(await codeOf(key)).toBe('VALID');
  });

  test('activations and deactivations', async () => {
    const { key } = await shop.sell({ activations: { limit: 1, required: true } });
    expect(await codeOf(key)).toBe('ACTIVATION_REQUIRED');
    const { id: activationId } = await shop.activate({ key, label: 'Laptop', conditions: { major: 1 } });
    expect(await codeOf(key, { activationId })).toBe('CONDITIONS_MISMATCH');
    expect(await shop.validate({ key, activationId, conditions: { major: 1 } })).toMatchObject({
      code: 'VALID',
      activations: { used: 1, limit: 1 },
    });
    await expect(shop.activate({ key, label: 'Desktop' })).rejects.toThrow(LimitReachedError);
    await shop.deactivate(activationId);
    expect(await codeOf(key, { activationId, conditions: { major: 1 } })).toBe('ACTIVATION_NOT_FOUND');
    await shop.activate({ key, label: 'Desktop' });
  });

  test('revoking and lifting the grant', async () => {
    const { key, grantId } = await shop.sell();
    const merchant = merchantOf(shop);
    expect(await codeOf(key)).toBe('VALID');
    await merchant.revoke(grantId);
    expect(await codeOf(key)).toBe('REVOKED');
    await merchant.lift(grantId);
    expect(await codeOf(key)).toBe('VALID');
  });

  test('a rotation: the old key works through its grace, on the same budget', async () => {
    const { id, key } = await shop.sell({ limitUsage: 3 });
    await shop.rotate(id, 1);
    const rotated = await shop.keyOf(id);
    expect([await codeOf(key), await codeOf(rotated)]).toEqual(['VALID', 'VALID']);
    await shop.consume({ key, units: 2 });
    expect(await shop.consume({ key: rotated, units: 2 })).toMatchObject({ valid: false, code: 'USAGE_EXCEEDED' });
    const start = shop.time.now;
    shop.passTime(DAY_MS);
    expect([await codeOf(key), await codeOf(rotated)]).toEqual(['REVOKED', 'VALID']);
    shop.time.now = start;
  });
});

test.each([-1, 0.5, 31])('a grace of %d days is none', async (days) => {
  const { id, key } = await shop.sell();
  await expect(shop.rotate(id, days)).rejects.toMatchObject({ code: 'INVALID_INPUT', path: ['graceDays'] });
  await shop.rotate(id, 30);
  expect(await codeOf(key)).toBe('VALID');
});

describe('changing a license', () => {
  test('tells what changed, and nothing when nothing did', async () => {
    const { id } = await shop.sell();
    await shop.change(id, { status: 'DISABLED', limitUsage: 5 });
    await shop.change(id, { status: 'DISABLED', limitUsage: 5 });
    expect(await shop.events({ subjectId: id })).toEqual(['license_key.disabled', 'license_key.updated']);
  });

  test('refuses a limit of nothing', async () => {
    const { id } = await shop.sell();
    await expect(shop.change(id, { limitActivations: 0 })).rejects.toThrow('from 1');
    await expect(shop.change(id, { limitUsage: -1 })).rejects.toThrow('from 1');
  });

  test('to fewer machines than are active keeps those and lets no others in', async () => {
    const { id, key } = await shop.sell({ activations: { limit: 3 } });
    const active = [await shop.activate({ key, label: 'A' }), await shop.activate({ key, label: 'B' })];
    await shop.change(id, { limitActivations: 1 });
    for (const { id: activationId } of active) expect(await codeOf(key, { activationId })).toBe('VALID');
    await expect(shop.activate({ key, label: 'C' })).rejects.toThrow(LimitReachedError);
    await shop.deactivate(active[0]?.id ?? '');
    await expect(shop.activate({ key, label: 'C' })).rejects.toThrow(LimitReachedError);
    await shop.deactivate(active[1]?.id ?? '');
    await shop.activate({ key, label: 'C' });
  });

  test('that counts no machines is said to whoever wants to activate one', async () => {
    const { key } = await shop.sell({});
    await expect(shop.activate({ key, label: 'A' })).rejects.toMatchObject({
      code: 'CONFLICT',
      path: ['key'],
      message: expect.stringContaining('does not count activations'),
    });
  });

  test('outlives an edit of the benefit', async () => {
    const { id, benefit, customer } = await shop.sell({ limitUsage: 5, activations: { limit: 2 } });
    await shop.change(id, { limitUsage: 9 });
    await merchantOf(shop).editBenefit(benefit.id, { limitUsage: 6, activations: { limit: 4 } });
    await shop.transaction((tx) => tx.db.customer.updateMany({ data: { settleAt: shop.time.now } }));
    await shop.settle(customer.id);
    expect(await shop.prisma.licenseKey.findUnique({ where: { id } })).toMatchObject({
      limitUsage: 9,
      limitActivations: 4,
    });
  });
});

test('validations are counted and the last one noted, once the books are closed', async () => {
  const house = await openShop();
  const { id, key } = await house.sell();
  for (let count = 0; count < 3; count++) await house.validate({ key });
  await house.validate({ key: 'NOBODY-HAS-THIS' });
  await house.licenses[Symbol.asyncDispose]();
  expect(await house.prisma.licenseTally.findMany()).toEqual([
    { licenseKeyId: id, validations: 3n, lastValidatedAt: house.time.now },
  ]);
  await house[Symbol.asyncDispose]();
});
