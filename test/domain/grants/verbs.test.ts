import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as grants from '../../../src/domain/grants/verbs.ts';
import * as organizations from '../../../src/domain/organizations.ts';
import { newId } from '../../../src/lib/id.ts';
import { DAY_MS } from '../../../src/lib/time.ts';
import { type House, openHouse } from '../../support/house.ts';
import { type Merchant, merchantOf } from '../../support/merchant.ts';

let house: House;
let merchant: Merchant;
let benefitId: string;
beforeAll(async () => {
  house = await openHouse();
  merchant = merchantOf(house);
  benefitId = (await house.benefit()).id;
});
afterAll(() => house[Symbol.asyncDispose]());

const refused = (code: string, path: string) => expect.objectContaining({ code, path: [path] });
const grantOf = (id: string) => house.prisma.benefitGrant.findUniqueOrThrow({ where: { id } });

async function held() {
  const { customer, subscription } = await merchant.subscriber([benefitId], {
    currentPeriodEnd: new Date(house.time.now.getTime() + 30 * DAY_MS),
  });
  await house.settle(customer.id);
  const [grant] = await house.grants(customer.id);
  return { customerId: customer.id, subscriptionId: subscription.id, id: grant?.id ?? '' };
}

/** What each verb does to a grant that is not theirs, or is none. */
const verbs: [string, (id: string, organizationId?: string) => Promise<unknown>][] = [
  [
    'revoke',
    (id, organizationId = house.organizationId) => house.transaction((tx) => grants.revoke(tx, { organizationId, id })),
  ],
  [
    'lift',
    (id, organizationId = house.organizationId) => house.transaction((tx) => grants.lift(tx, { organizationId, id })),
  ],
  [
    'retry',
    (id, organizationId = house.organizationId) => house.transaction((tx) => grants.retry(tx, { organizationId, id })),
  ],
  [
    'fulfill',
    (id, organizationId = house.organizationId) =>
      house.transaction((tx) => grants.fulfill(tx, { organizationId, id })),
  ],
];

describe.each(verbs)('%s', (_, verb) => {
  test.each([newId('grant'), 'nonsense', ''])('does not find %j', async (id) => {
    await expect(verb(id)).rejects.toThrow(refused('NOT_FOUND', 'id'));
  });

  test('does not find another organization’s, and leaves it as it was', async () => {
    const { id } = await held();
    const other = await house.transaction((tx) => organizations.create(tx, { name: 'Other' }));
    const before = await grantOf(id);
    await expect(verb(id, other.id)).rejects.toThrow(refused('NOT_FOUND', 'id'));
    expect(await grantOf(id)).toEqual(before);
  });

  test('twice does nothing and tells nothing the second time', async () => {
    const { id } = await held();
    await verb(id);
    const before = await house.events();
    await verb(id);
    expect(await house.events()).toEqual(before);
  });
});

describe('a revocation by hand', () => {
  test('counts from its commit, says why, and is sticky whatever the source does', async () => {
    const { id, customerId, subscriptionId } = await held();
    const stopped = await merchant.revoke(id, ' abuse ');
    expect(stopped).toMatchObject({ stoppedAt: house.time.now, stopReason: 'abuse', state: 'ACTIVE' });
    await house.settle(customerId);
    const ways = [
      () => merchant.report(subscriptionId, { status: 'PAUSED' }),
      () => merchant.report(subscriptionId, { status: 'ACTIVE' }),
      () => merchant.cancel(subscriptionId, true),
      () => merchant.uncancel(subscriptionId),
      () => merchant.retry(id),
    ];
    for (const way of ways) {
      await way();
      await house.settle(customerId);
      expect((await grantOf(id)).state).toBe('REVOKED');
    }
    await merchant.lift(id);
    expect(await grantOf(id)).toMatchObject({ state: 'CREATED', stoppedAt: null, stopReason: null });
    await house.settle(customerId);
    expect((await grantOf(id)).state).toBe('ACTIVE');
  });

  test('that is lifted after its source has ended gives nothing', async () => {
    const { id, customerId, subscriptionId } = await held();
    await merchant.revoke(id);
    await house.settle(customerId);
    await merchant.cancel(subscriptionId);
    await merchant.lift(id);
    await house.settle(customerId);
    expect((await grantOf(id)).state).toBe('REVOKED');
  });

  test('and its lifting are told, each state once', async () => {
    const { id, customerId } = await held();
    await merchant.revoke(id);
    await house.settle(customerId);
    await merchant.lift(id);
    await house.settle(customerId);
    expect((await house.events({ subjectId: id })).map((type) => type.replace('benefit_grant.', ''))).toEqual([
      'created',
      'updated',
      'updated',
      'revoked',
      'created',
      'updated',
    ]);
  });

  test.each<[what: string, reason: string]>([
    ['with a NUL', 'a\0b'],
    ['that is too long', 'x'.repeat(501)],
  ])('with a reason %s is refused', async (_, reason) => {
    const { id } = await held();
    await expect(merchant.revoke(id, reason)).rejects.toThrow(refused('INVALID_INPUT', 'reason'));
    expect((await grantOf(id)).stoppedAt).toBeNull();
  });
});

test('what nobody is entitled to any more cannot be marked fulfilled', async () => {
  const { id, subscriptionId } = await held();
  await merchant.cancel(subscriptionId);
  await expect(merchant.fulfill(id)).rejects.toThrow(refused('CONFLICT', 'id'));
});

describe('a grant by hand', () => {
  test('is one for each customer and benefit; giving again changes it and lifts what was taken', async () => {
    const [customer, end] = [await house.customer(), new Date(house.time.now.getTime() + DAY_MS)];
    const first = await merchant.give(customer.id, benefitId, { reason: 'beta', expiresAt: end });
    expect(first).toMatchObject({ state: 'CREATED', entitledUntil: end });
    await house.settle(customer.id);
    await merchant.revoke(first.id);
    await house.settle(customer.id);
    const again = await merchant.give(customer.id, benefitId);
    expect(again).toMatchObject({ id: first.id, state: 'CREATED', stoppedAt: null, entitledUntil: null });
    expect(await house.grants(customer.id)).toHaveLength(1);
  });

  test('at once by ten is one', async () => {
    const customer = await house.customer();
    const given = await Promise.all(Array.from({ length: 10 }, () => merchant.give(customer.id, benefitId)));
    expect(new Set(given.map(({ id }) => id)).size).toBe(1);
    expect(
      (await house.events({ customerId: customer.id })).filter((type) => type === 'benefit_grant.created'),
    ).toHaveLength(1);
  });

  test('beside one by purchase is another grant', async () => {
    const { customerId } = await held();
    await merchant.give(customerId, benefitId);
    await house.settle(customerId);
    expect((await house.grants(customerId)).map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE']);
  });

  test.each<[what: string, given: { expiresAt?: Date; reason?: string }, path: string]>([
    ['that ends at this moment', { expiresAt: new Date('2026-03-01T12:00:00Z') }, 'expiresAt'],
    ['that ended long ago', { expiresAt: new Date(0) }, 'expiresAt'],
    ['for no reason', { reason: ' ' }, 'reason'],
    ['for a reason with a NUL', { reason: '\0' }, 'reason'],
    ['for a reason that is too long', { reason: 'x'.repeat(501) }, 'reason'],
  ])('%s is refused', async (_, given, path) => {
    const customer = await house.customer();
    await expect(merchant.give(customer.id, benefitId, given)).rejects.toThrow(refused('INVALID_INPUT', path));
    expect(await house.grants(customer.id)).toEqual([]);
  });

  test.each([newId('benefit'), 'nonsense', ''])('of %j is not found', async (id) => {
    const customer = await house.customer();
    await expect(merchant.give(customer.id, id)).rejects.toThrow(refused('NOT_FOUND', 'benefitId'));
  });
});
