import { afterAll, beforeAll, expect, test } from 'vitest';
import * as accounts from '../../src/domain/accounts/accounts.ts';
import * as benefits from '../../src/domain/benefits.ts';
import * as customers from '../../src/domain/customers.ts';
import * as files from '../../src/domain/files/files.ts';
import * as integrations from '../../src/domain/integrations/integrations.ts';
import * as administration from '../../src/domain/licenses/administration.ts';
import * as meters from '../../src/domain/meters/meters.ts';
import * as products from '../../src/domain/products.ts';
import * as endpoints from '../../src/domain/webhooks/endpoints.ts';
import { DAY_MS } from '../../src/lib/time.ts';
import type { Tx } from '../../src/platform/unit-of-work.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';

const AT_ONCE = 4;

let house: House;
let merchant: Merchant;
beforeAll(async () => {
  house = await openHouse();
  merchant = merchantOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());

const act = (verb: (tx: Tx, organizationId: string) => Promise<unknown>) => () =>
  house.transaction((tx) => verb(tx, house.organizationId));

/** What several do at once, all the same, and what may come of it. */
const CHANGES: Record<string, () => Promise<[type: string, change: () => Promise<unknown>]>> = {
  'a customer renamed': async () => {
    const { id } = await house.customer();
    return [
      'customer.updated',
      act((tx, organizationId) => customers.update(tx, { organizationId, id, name: 'Grace' })),
    ];
  },
  'a benefit edited': async () => {
    const { id } = await house.benefit();
    const description = 'Another';
    return ['benefit.updated', act((tx, organizationId) => benefits.update(tx, { organizationId, id, description }))];
  },
  'a benefit deleted': async () => {
    const { id } = await house.benefit();
    return ['benefit.deleted', act((tx, organizationId) => benefits.remove(tx, { organizationId, id }))];
  },
  'a product renamed': async () => {
    const { id } = await house.product([]);
    return [
      'product.updated',
      act((tx, organizationId) => products.update(tx, { organizationId, id, name: 'Another' })),
    ];
  },
  'a product given a list': async () => {
    const [{ id }, benefit] = [await house.product([]), await house.benefit()];
    const benefitIds = [benefit.id];
    return [
      'product.updated',
      act((tx, organizationId) => products.setBenefits(tx, { organizationId, id, benefitIds })),
    ];
  },
  'a meter archived': async () => {
    const facts = { organizationId: house.organizationId, name: 'Calls', aggregation: { function: 'COUNT' as const } };
    const { id } = await house.transaction((tx) => meters.create(tx, facts));
    return ['meter.archived', act((tx, organizationId) => meters.archive(tx, { organizationId, id }))];
  },
  'a license disabled': async () => {
    const { customer } = await merchant.buyer([(await house.benefit('license_keys', {})).id]);
    await house.settle(customer.id);
    const { id } = await house.prisma.licenseKey.findFirstOrThrow({ where: { customerId: customer.id } });
    const status = 'DISABLED';
    return [
      'license_key.disabled',
      act((tx, organizationId) => administration.update(tx, { organizationId, id, status })),
    ];
  },
  'a file archived': async () => {
    const facts = { organizationId: house.organizationId, name: 'app.zip', size: 0n };
    const { file } = await house.transaction((tx) => files.create(tx, facts, house.fileQuota));
    return ['file.archived', act((tx, organizationId) => files.archive(tx, { organizationId, id: file.id }))];
  },
  'an endpoint disabled': async () => {
    const facts = { organizationId: house.organizationId, url: 'http://127.0.0.1:1/', events: ['*'] };
    const { endpoint } = await house.transaction((tx) => endpoints.create(tx, facts));
    return ['webhook_endpoint.disabled', act((tx) => endpoints.disable(tx, endpoint))];
  },
  'an endpoint deleted': async () => {
    const facts = { organizationId: house.organizationId, url: 'http://127.0.0.1:1/', events: ['*'] };
    const { endpoint } = await house.transaction((tx) => endpoints.create(tx, facts));
    return ['webhook_endpoint.deleted', act((tx) => endpoints.remove(tx, endpoint))];
  },
  'a place connected': async () => {
    const [provider, places] = ['GITHUB' as const, [{ placeId: '1', name: 'acme' }]];
    const verb = act((tx, organizationId) => integrations.connect(tx, { organizationId, provider, places }));
    return ['integration.connected', verb];
  },
  'a place disconnected': async () => {
    const facts = { organizationId: house.organizationId, provider: 'DISCORD' as const };
    await house.transaction((tx) => integrations.connect(tx, { ...facts, places: [{ placeId: '2', name: 'Club' }] }));
    const { id } = await house.prisma.integration.findFirstOrThrow({ where: { placeId: '2' } });
    return [
      'integration.disconnected',
      act((tx, organizationId) => integrations.disconnect(tx, { organizationId, id })),
    ];
  },
  'an account unlinked': async () => {
    const { organizationId } = house;
    const owner = { organizationId, customerId: (await house.customer()).id, types: [] };
    const identity = { accountId: '1', username: 'ada', scopes: [], tokens: null };
    const { id } = await house.transaction((tx) => accounts.link(tx, owner, 'GITHUB', identity));
    return ['customer.account_unlinked', act((tx) => accounts.unlink(tx, owner, id))];
  },
  'a subscription canceled': async () => {
    const { subscription } = await merchant.subscriber([]);
    return ['subscription.canceled', () => merchant.cancel(subscription.id)];
  },
  'a subscription renewed': async () => {
    const { subscription } = await merchant.subscriber([]);
    const [periodStart, periodEnd] = [1, 31].map((day) => new Date(house.time.now.getTime() + day * DAY_MS)) as [
      Date,
      Date,
    ];
    return ['subscription.renewed', () => merchant.renew(subscription.id, { periodStart, periodEnd })];
  },
  'a grant settled': async () => {
    const { customer } = await merchant.buyer([(await house.benefit()).id]);
    return ['benefit_grant.updated', () => house.settle(customer.id)];
  },
  'a benefit given by hand': async () => {
    const [customer, benefit] = [await house.customer(), await house.benefit()];
    return ['benefit_grant.created', () => merchant.give(customer.id, benefit.id)];
  },
};

test.each(Object.entries(CHANGES))('%s by several at once is told once', async (_, prepare) => {
  const [type, change] = await prepare();
  const before = await house.prisma.event.count({ where: { type } });
  const did = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => change()));
  expect(await house.prisma.event.count({ where: { type } })).toBe(before + 1);
  // Whoever comes too late changes nothing, or finds it gone.
  const codes = did.flatMap((one) => (one.status === 'rejected' ? [(one.reason as { code: string }).code] : []));
  expect(codes.filter((code) => code !== 'NOT_FOUND')).toEqual([]);
});
