import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Consumption } from '../../../src/domain/licenses/consumption.ts';
import { consumeAll } from '../../../src/domain/licenses/settling.ts';
import { normalizeLicenseKey } from '../../../src/lib/license-key.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());
afterEach(() => vi.restoreAllMocks());

/** Something happens once a consumption has been decided and before it is written. */
function meanwhile(happen: () => Promise<unknown>): void {
  const { write } = shop.database;
  vi.spyOn(shop.database, 'write').mockImplementationOnce(async (...statement) => {
    await happen();
    return write(...statement) as Promise<never>;
  });
}

/** As another process settles it, under the lock. */
const elsewhere = ({ key, ...wish }: Consumption) =>
  shop.transaction((tx) => consumeAll(tx, [{ key: normalizeLicenseKey(key), ...wish }]));
const usageOf = async (id: string) => (await shop.prisma.licenseKey.findUniqueOrThrow({ where: { id } })).usage;

test.each([
  ['the license is disabled', { status: 'DISABLED' }, { valid: false, code: 'DISABLED', usage: 0 }],
  ['its limit is lowered', { limitUsage: 1 }, { valid: false, code: 'USAGE_EXCEEDED', usage: 0 }],
  ['its limit is raised', { limitUsage: 9 }, { valid: true, usage: 2, limitUsage: 9 }],
  ['its usage is reset to what it was', { usage: 0, limitActivations: 9 }, { valid: true, usage: 2 }],
] as const)('%s after the decision: it is decided anew', async (_what, changes, expected) => {
  const { id, key } = await shop.sell({ limitUsage: 5 });
  meanwhile(() => shop.change(id, changes));
  expect(await shop.consume({ key, units: 2 })).toMatchObject(expected);
});

test('units that another process took after the decision are not given twice', async () => {
  const { id, key } = await shop.sell({ limitUsage: 5 });
  meanwhile(() => elsewhere({ key, units: 3 }));
  const answers = await Promise.all([shop.consume({ key, units: 2 }), shop.consume({ key, units: 2 })]);
  expect(answers).toMatchObject([
    { valid: true, usage: 5 },
    { valid: false, code: 'USAGE_EXCEEDED', usage: 5 },
  ]);
  expect(await usageOf(id)).toBe(5);
});

test('a repeat that another process answered after the decision answers the same, and takes once', async () => {
  const { id, key } = await shop.sell({ limitUsage: 5 });
  const wish = { key, units: 2, idempotencyKey: 'k' };
  meanwhile(() => elsewhere(wish));
  expect(await shop.consume(wish)).toMatchObject({ valid: true, usage: 2 });
  expect(await usageOf(id)).toBe(2);
});

test('and so does one that another process refused, which changes no license', async () => {
  const { id, key } = await shop.sell({ limitUsage: 5 });
  meanwhile(() => elsewhere({ key, units: 2, idempotencyKey: 'k', activationId: 'act_0' }));
  expect(await shop.consume({ key, units: 2, idempotencyKey: 'k' })).toMatchObject({ code: 'ACTIVATION_NOT_FOUND' });
  expect(await usageOf(id)).toBe(0);
});

test('licenses that nobody else changes are written, whatever becomes of the others', async () => {
  const [one, other] = [await shop.sell({ limitUsage: 5 }), await shop.sell({ limitUsage: 5 })];
  meanwhile(() => elsewhere({ key: other.key, units: 5 }));
  const answers = await Promise.all(
    [one, other].map(({ key }) => shop.consume({ key, units: 1, idempotencyKey: 'k' })),
  );
  expect(answers).toMatchObject([{ valid: true, usage: 1 }, { code: 'USAGE_EXCEEDED' }]);
});

test('a failure of the database is told, and not tried again as if nothing had been done', async () => {
  const { id, key } = await shop.sell({ limitUsage: 5 });
  vi.spyOn(shop.database, 'write').mockRejectedValueOnce(new Error('The connection is lost.'));
  await expect(shop.consume({ key, units: 1 })).rejects.toThrow('lost');
  expect(await usageOf(id)).toBe(0);
});
