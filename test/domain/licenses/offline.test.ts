import { createLocalJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkout, LICENSE_TYPE, type NewCheckout } from '../../../src/domain/licenses/checkout.ts';
import { readRevocations } from '../../../src/domain/licenses/revocations.ts';
import { openSigner } from '../../../src/domain/licenses/signer.ts';
import { DAY_MS, HOUR_MS, after as later, MINUTE_MS } from '../../../src/lib/time.ts';
import { merchantOf } from '../../support/merchant.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const out = (input: NewCheckout) => shop.transaction((tx) => checkout(tx, input));
const revoked = () => readRevocations(shop.database, shop.time.now);
const clock = () => new Date(shop.time.now);

describe('a signed license', () => {
  test('verifies with what is published, and says whose it is and where it is good', async () => {
    const { key, id, customer, benefit } = await shop.sell();
    const { id: activationId } = await shop.activate({ key, label: 'Laptop', fingerprint: 'f1' });
    const claims = await out({ key, activationId, ttlSeconds: 3600 });
    const license = await shop.signer.sign(LICENSE_TYPE, { ...claims });
    const jwks = createLocalJWKSet({ keys: await shop.signer.published() });
    const { payload } = await jwtVerify(license, jwks, { typ: LICENSE_TYPE, currentDate: clock() });
    expect(payload).toMatchObject({
      sub: id,
      aud: shop.organizationId,
      customerId: customer.id,
      benefitId: benefit.id,
      activationId,
      fingerprint: 'f1',
      exp: (shop.time.now.getTime() + HOUR_MS) / 1000,
      paidThrough: null,
    } satisfies JWTPayload);
    await expect(jwtVerify(license, jwks, { currentDate: later(clock(), HOUR_MS) })).rejects.toThrow('exp');
    expect(JSON.stringify(payload)).not.toContain(key);
  });

  test('never outlasts the license, its key or what is paid for', async () => {
    const ends = later(clock(), 2 * DAY_MS);
    const expOf = async (key: string) => (await out({ key })).exp * 1000;
    const one = await shop.sell();
    await shop.change(one.id, { expiresAt: ends });
    expect(await expOf(one.key)).toBe(ends.getTime());
    const two = await shop.sell();
    await merchantOf(shop).give(two.customer.id, two.benefit.id, { expiresAt: ends });
    expect(await out({ key: two.key })).toMatchObject({ exp: ends.getTime() / 1000, paidThrough: ends.toISOString() });
    const three = await shop.sell();
    await shop.rotate(three.id, 1);
    expect(await expOf(three.key)).toBe(clock().getTime() + DAY_MS);
    const benefit = await shop.benefit('license_keys', {});
    const { customer } = await merchantOf(shop).subscriber([benefit.id], { currentPeriodEnd: ends });
    await shop.settle(customer.id);
    const { id } = await shop.prisma.licenseKey.findFirstOrThrow({ where: { customerId: customer.id } });
    expect(await expOf(await shop.keyOf(id))).toBe(ends.getTime());
  });

  test('is refused like a validation, with its reason', async () => {
    const { id, key } = await shop.sell({ activations: { limit: 1, required: true } });
    await expect(out({ key })).rejects.toMatchObject({ code: 'ACTIVATION_REQUIRED' });
    await expect(out({ key: 'NOBODY-HAS-THIS' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await shop.change(id, { status: 'DISABLED' });
    await expect(out({ key })).rejects.toMatchObject({ code: 'DISABLED' });
    await expect(out({ key, ttlSeconds: 1 })).rejects.toMatchObject({ path: ['ttlSeconds'] });
  });
});

describe('the list of revocations', () => {
  test('names what would not be given out again', async () => {
    const sold = await Promise.all([shop.sell(), shop.sell(), shop.sell(), shop.sell()]);
    const activation = await shop.activate({ key: sold[0].key, label: 'A' });
    const ids = [
      await out({ key: sold[0].key, activationId: activation.id }),
      await out({ key: sold[1].key }),
      await out({ key: sold[2].key }),
      await out({ key: sold[3].key }),
    ].map(({ jti }) => jti);
    const before = await revoked();
    for (const id of ids) expect(before).not.toContain(id);
    await shop.deactivate(activation.id);
    await shop.change(sold[1].id, { status: 'DISABLED' });
    await merchantOf(shop).revoke(sold[2].grantId);
    shop.passTime(1);
    await shop.rotate(sold[3].id);
    expect(await revoked()).toEqual(expect.arrayContaining(ids));
    await merchantOf(shop).lift(sold[2].grantId);
    expect(await revoked()).not.toContain(ids[2]);
    shop.passTime(8 * DAY_MS);
    expect(await revoked()).toEqual([]);
  });
});

describe('keys rotate', () => {
  test('with the next one published before it signs and the last one until nothing it signed is good', async () => {
    const kid = async () => {
      const signer = openSigner({ transaction: shop.transaction, clock });
      const signed = decodeProtectedHeader(await signer.sign('a', {})).kid;
      return { signed, published: (await signer.published()).map((key) => key.kid) };
    };
    const first = await kid();
    expect(first.published).toEqual([first.signed]);
    shop.passTime(60 * DAY_MS);
    const ahead = await kid();
    expect(ahead.signed).toBe(first.signed);
    expect(ahead.published).toHaveLength(2);
    shop.passTime(DAY_MS);
    const second = await kid();
    expect(second.signed).toBe(ahead.published[1]);
    expect(second.published).toEqual(ahead.published);
    shop.passTime(90 * DAY_MS);
    expect((await kid()).published).not.toContain(first.signed);
  });

  test('and are read once for all who sign at the same time, also after a reading that failed', async () => {
    let readings = 0;
    const transaction: typeof shop.transaction = (work) => {
      readings += 1;
      return readings === 1 ? Promise.reject(new Error('The connection is lost.')) : shop.transaction(work);
    };
    const signer = openSigner({ transaction, clock });
    const many = () => Promise.allSettled(Array.from({ length: 50 }, () => signer.sign('a', {})));
    expect((await many()).map(({ status }) => status)).not.toContain('fulfilled');
    expect((await many()).map(({ status }) => status)).not.toContain('rejected');
    shop.passTime(11 * MINUTE_MS);
    await many();
    expect(readings).toBe(3);
  });

  test('and processes that start together agree on one', async () => {
    await shop.prisma.signingKey.deleteMany();
    const signers = Array.from({ length: 5 }, () => openSigner({ transaction: shop.transaction, clock }));
    const published = await Promise.all(signers.map((signer) => signer.published()));
    expect(new Set(published.map((keys) => keys.map((key) => key.kid).join())).size).toBe(1);
  });
});
