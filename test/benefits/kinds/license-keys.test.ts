import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseProperties } from '../../../src/benefits/catalog.ts';
import licenseKeys from '../../../src/benefits/kinds/license-keys.ts';
import * as administration from '../../../src/domain/licenses/administration.ts';
import { hasChecksum, normalizeLicenseKey } from '../../../src/lib/license-key.ts';
import { DAY_MS } from '../../../src/lib/time.ts';
import { type House, openHouse } from '../../support/house.ts';
import { type Merchant, merchantOf } from '../../support/merchant.ts';
import { exercise } from '../exercise.ts';

exercise(licenseKeys);

let house: House;
let merchant: Merchant;
beforeAll(async () => {
  house = await openHouse({ kinds: [licenseKeys], startAt: new Date('2026-01-31T10:00:00Z') });
  merchant = merchantOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());

const parse = (properties: unknown) =>
  house.transaction((tx) =>
    parseProperties(tx, licenseKeys, { organizationId: house.organizationId, properties }, house.means),
  );
const keyOf = (customerId: string) =>
  house.prisma.licenseKey.findFirstOrThrow({ where: { customerId }, omit: { sealed: false } });

/** A subscriber with a key on these terms. */
async function holder(properties: object) {
  const benefit = await house.benefit('license_keys', await parse(properties));
  const { customer, subscription } = await merchant.subscriber([benefit.id]);
  await house.settle(customer.id);
  return { customerId: customer.id, benefitId: benefit.id, subscriptionId: subscription.id };
}

async function edit({ customerId, benefitId }: { customerId: string; benefitId: string }, properties: object) {
  await merchant.editBenefit(benefitId, await parse(properties));
  await house.settle(customerId);
}

describe('a key', () => {
  test('begins with the prefix in upper case, and carries a checksum', async () => {
    const { customerId } = await holder({ prefix: 'myApp1' });
    const text = house.keyring.open((await keyOf(customerId)).sealed);
    expect(text).toMatch(/^MYAPP1(-[0-9A-Z]{4}){6}$/);
    expect(hasChecksum(normalizeLicenseKey(text))).toBe(true);
  });

  test('is kept sealed, and looked up by a keyed hash alone', async () => {
    const { customerId } = await holder({});
    const { id, sealed, displayKey } = await keyOf(customerId);
    const text = house.keyring.open(sealed);
    const secrets = await house.prisma.licenseSecret.findMany({ where: { licenseKeyId: id }, omit: { digest: false } });
    expect(secrets.map(({ digest }) => Buffer.from(digest))).toEqual([
      Buffer.from(house.keyring.digest(normalizeLicenseKey(text))),
    ]);
    expect(displayKey).not.toContain(text.slice(0, -4));
    const columns = JSON.stringify(
      [
        await keyOf(customerId),
        secrets,
        await house.prisma.benefitGrant.findMany(),
        await house.prisma.event.findMany(),
      ],
      (_, value) =>
        typeof value === 'bigint'
          ? String(value)
          : value instanceof Uint8Array
            ? Buffer.from(value).toString('latin1')
            : value,
    );
    expect(columns).not.toContain(text.slice(5, -5));
  });

  test('is another one for each grant', async () => {
    const { customerId, benefitId } = await holder({});
    await merchant.give(customerId, benefitId);
    await house.settle(customerId);
    const keys = await house.prisma.licenseKey.findMany({ where: { customerId }, omit: { sealed: false } });
    expect(new Set(keys.map(({ sealed }) => house.keyring.open(sealed))).size).toBe(2);
  });
});

describe('its expiry', () => {
  test('counts in calendar units from the first grant', async () => {
    const { customerId } = await holder({ expires: { ttl: 1, timeframe: 'MONTH' } });
    expect((await keyOf(customerId)).expiresAt).toEqual(new Date('2026-02-28T10:00:00Z'));
  });

  test('is not begun anew by edits, pauses or renewals', async () => {
    const held = await holder({ expires: { ttl: 1, timeframe: 'YEAR' } });
    house.passTime(10 * DAY_MS);
    await merchant.report(held.subscriptionId, { status: 'PAUSED' });
    await house.settle(held.customerId);
    house.passTime(10 * DAY_MS);
    await merchant.report(held.subscriptionId, { status: 'ACTIVE' });
    await house.settle(held.customerId);
    const periodStart = house.time.now;
    await merchant.renew(held.subscriptionId, { periodStart, periodEnd: new Date(periodStart.getTime() + DAY_MS) });
    await house.settle(held.customerId);
    await edit(held, { limitUsage: 5, expires: { ttl: 1, timeframe: 'YEAR' } });
    expect(await keyOf(held.customerId)).toMatchObject({ limitUsage: 5, expiresAt: new Date('2027-01-31T10:00:00Z') });
    await edit(held, { expires: { ttl: 2, timeframe: 'YEAR' } });
    expect((await keyOf(held.customerId)).expiresAt).toEqual(new Date('2028-01-31T10:00:00Z'));
    await edit(held, {});
    expect((await keyOf(held.customerId)).expiresAt).toBeNull();
  });
});

describe('an edit of the benefit', () => {
  test('reaches every limit that was not set for this key alone', async () => {
    const held = await holder({ limitUsage: 5, activations: { limit: 1 }, expires: { ttl: 1, timeframe: 'YEAR' } });
    const { id } = await keyOf(held.customerId);
    const expiresAt = new Date('2030-01-01T00:00:00Z');
    await house.transaction((tx) =>
      administration.update(tx, { organizationId: house.organizationId, id, limitUsage: 50, expiresAt }),
    );
    await edit(held, {
      limitUsage: 6,
      activations: { limit: 2, required: true, customerAdmin: true },
      expires: { ttl: 3, timeframe: 'DAY' },
    });
    expect(await keyOf(held.customerId)).toMatchObject({
      limitUsage: 50,
      expiresAt,
      limitActivations: 2,
      activationsRequired: true,
      customerAdmin: true,
    });
  });

  test('at the same time as a limit for one key loses neither', async () => {
    for (let round = 0; round < 8; round++) {
      const held = await holder({ limitUsage: 5 });
      const { id } = await keyOf(held.customerId);
      await merchant.editBenefit(held.benefitId, await parse({ limitUsage: 6 }));
      await Promise.all([
        house.settle(held.customerId),
        house.transaction((tx) =>
          administration.update(tx, { organizationId: house.organizationId, id, limitUsage: 50 }),
        ),
      ]);
      expect(await keyOf(held.customerId)).toMatchObject({ limitUsage: 50, overrides: ['limitUsage'] });
    }
  });
});

describe('properties that are refused', () => {
  test.each<[what: string, properties: object, path: string[]]>([
    ['a prefix with a dash', { prefix: 'MY-APP' }, ['prefix']],
    ['a prefix of 17 letters', { prefix: 'A'.repeat(17) }, ['prefix']],
    ['a prefix with other letters', { prefix: 'ÄPP' }, ['prefix']],
    ['an expiry of nothing', { expires: { ttl: 0, timeframe: 'DAY' } }, ['expires', 'ttl']],
    ['an expiry beyond the year 9999', { expires: { ttl: 8_000, timeframe: 'YEAR' } }, ['expires', 'ttl']],
    ['an expiry of many days', { expires: { ttl: 2_147_483_647, timeframe: 'DAY' } }, ['expires', 'ttl']],
    ['an expiry in weeks', { expires: { ttl: 1, timeframe: 'WEEK' } }, ['expires', 'timeframe']],
    ['no activations at all', { activations: { limit: 0 } }, ['activations', 'limit']],
    ['half an activation', { activations: { limit: 1.5 } }, ['activations', 'limit']],
    ['more usage than can be counted', { limitUsage: 2_147_483_648 }, ['limitUsage']],
    ['2^53 of usage', { limitUsage: 2 ** 53 }, ['limitUsage']],
    ['a limit in words', { limitUsage: 'five' }, ['limitUsage']],
  ])('%s', async (_, properties, path) => {
    await expect(parse(properties)).rejects.toMatchObject({ code: 'INVALID_INPUT', path });
  });
});

test('its JSON on the wire is what consumers of the format parse', () => {
  const { properties, grant } = licenseKeys.wire;
  const terms = {
    prefix: 'APP',
    expires: { ttl: 1, timeframe: 'MONTH' },
    activations: { limit: 2, customerAdmin: true, required: false },
    limitUsage: 5,
  };
  const benefit = { id: 'ben_1', organizationId: 'org_1' };
  expect(properties(terms, benefit)).toEqual({
    prefix: 'APP',
    expires: { ttl: 1, timeframe: 'month' },
    activations: { limit: 2, enable_customer_admin: true },
    limit_usage: 5,
  });
  expect(properties({}, benefit)).toEqual({ prefix: null, expires: null, activations: null, limit_usage: null });
  expect(grant({ licenseKeyId: 'lic_1', displayKey: '****-ABCD' })).toEqual({
    license_key_id: 'lic_1',
    display_key: '****-ABCD',
  });
  expect(grant(null)).toEqual({});
});
