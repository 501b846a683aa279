import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

test('a thousand at once take the last ten units, and no more', async () => {
  const { id, key } = await shop.sell({ limitUsage: 10 });
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => shop.consume({ key, units: 1 })));
  expect(answers.filter(({ valid }) => valid)).toHaveLength(10);
  expect(new Set(answers.filter(({ valid }) => valid).map(({ usage }) => usage)).size).toBe(10);
  expect(await shop.prisma.licenseKey.findUnique({ where: { id } })).toMatchObject({ usage: 10 });
});

test('repeats answer the same and take once, together or later', async () => {
  const { id, key } = await shop.sell({ limitUsage: 10 });
  const wish = { key, units: 4, idempotencyKey: 'first' };
  const together = await Promise.all(Array.from({ length: 50 }, () => shop.consume(wish)));
  await shop.change(id, { limitUsage: 20, status: 'DISABLED' });
  for (const answer of [...together, await shop.consume(wish)])
    expect(answer).toEqual({ valid: true, code: 'VALID', usage: 4, limitUsage: 10 });
  expect(await shop.prisma.licenseKey.findUnique({ where: { id } })).toMatchObject({ usage: 4 });
});

test('a mistake in one call fails that call alone', async () => {
  const { key } = await shop.sell({ limitUsage: 10 });
  await shop.consume({ key, units: 1, idempotencyKey: 'k' });
  const [other, sound, unknown] = await Promise.allSettled([
    shop.consume({ key, units: 2, idempotencyKey: 'k' }),
    shop.consume({ key, units: 2 }),
    shop.consume({ key: 'NOBODY-HAS-THIS', units: 1 }),
  ]);
  expect(other).toMatchObject({ status: 'rejected', reason: { code: 'INVALID_INPUT', path: ['idempotencyKey'] } });
  expect(sound).toMatchObject({ value: { valid: true, usage: 3 } });
  expect(unknown).toMatchObject({ value: { code: 'NOT_FOUND', usage: null } });
});

test.each([0, -1, 1.5, 2 ** 31, 2 ** 53])('%d units are no amount', async (units) => {
  await expect(shop.consume({ key: 'ANY', units })).rejects.toMatchObject({ code: 'INVALID_INPUT', path: ['units'] });
});

test('it is judged as a validation is', async () => {
  const { key } = await shop.sell({ limitUsage: 9, activations: { limit: 1, required: true } });
  const { id: activationId } = await shop.activate({ key, label: 'A', fingerprint: 'f', conditions: { major: 1 } });
  const scopes = [
    {},
    { activationId },
    { activationId: 'act_0' },
    { activationId, conditions: { major: 2 } },
    { activationId, fingerprint: 'g', conditions: { major: 1 } },
    { activationId, fingerprint: 'f', conditions: { major: 1 } },
    { organizationId: 'org_other' },
  ];
  for (const scope of scopes) {
    const { code } = await shop.validate({ key, ...scope });
    expect(await shop.consume({ key, units: 1, ...scope })).toMatchObject({ code, valid: code === 'VALID' });
  }
});

test('what does not fit as a whole takes nothing', async () => {
  const { key } = await shop.sell({ limitUsage: 5 });
  await shop.consume({ key, units: 3 });
  expect(await shop.consume({ key, units: 3 })).toEqual({
    valid: false,
    code: 'USAGE_EXCEEDED',
    usage: 3,
    limitUsage: 5,
  });
  expect(await shop.consume({ key, units: 2 })).toMatchObject({ valid: true, usage: 5 });
});
