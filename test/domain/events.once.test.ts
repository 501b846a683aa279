import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as accounts from '../../src/domain/accounts/accounts.ts';
import * as benefits from '../../src/domain/benefits.ts';
import { runAudit } from '../../src/domain/credits/audit.ts';
import * as customers from '../../src/domain/customers.ts';
import * as files from '../../src/domain/files/files.ts';
import { fail } from '../../src/domain/files/outcomes.ts';
import { verify } from '../../src/domain/files/verification.ts';
import { complete } from '../../src/domain/files/versions.ts';
import * as integrations from '../../src/domain/integrations/integrations.ts';
import * as activations from '../../src/domain/licenses/activations.ts';
import * as administration from '../../src/domain/licenses/administration.ts';
import { importAll } from '../../src/domain/licenses/imports.ts';
import * as meters from '../../src/domain/meters/meters.ts';
import * as products from '../../src/domain/products.ts';
import * as endpoints from '../../src/domain/webhooks/endpoints.ts';
import { DAY_MS } from '../../src/lib/time.ts';
import type { Tx } from '../../src/platform/unit-of-work.ts';
import { type Credits, creditsOf } from '../support/credits.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';
import { type News, newsOf } from '../support/news.ts';

let house: House;
let merchant: Merchant;
let credits: Credits;
let news: News;
beforeAll(async () => {
  house = await openHouse();
  merchant = merchantOf(house);
  credits = creditsOf(house);
  news = newsOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());

type Of = { organizationId: string };
/** Does it in a transaction of its own, in the house. */
const act = <Input, Result>(verb: (tx: Tx, input: Input & Of) => Promise<Result>, input: Input): Promise<Result> =>
  house.transaction((tx) => verb(tx, { organizationId: house.organizationId, ...input }));
/** It is told as just this; and the same again as nothing. */
const once = async <Result>(types: readonly string[], work: () => Promise<Result>): Promise<Result> => {
  const result = await news.tells(types, work);
  await news.tells([], work);
  return result;
};
const tells: News['tells'] = (types, work) => news.tells(types, work);
const refuses: News['refuses'] = (work) => news.refuses(work);
const daysOn = (days: number) => new Date(house.time.now.getTime() + days * DAY_MS);

describe('a change is told once, and what changes nothing is not told:', () => {
  test('customers', async () => {
    const email = 'once@example.com';
    const { id } = await tells(['customer.created'], () => act(customers.create, { email, metadata: { a: 1, b: 2 } }));
    await refuses(() => act(customers.create, { email }));
    await once(['customer.updated'], () => act(customers.update, { id, name: 'Ada', externalId: 'ada' }));
    await tells([], () => act(customers.update, { id, email: 'ONCE@example.com', metadata: { b: 2, a: 1 } }));
    await refuses(() => act(customers.update, { id, name: 'x'.repeat(1_000) }));
  });

  test('accounts of customers', async () => {
    const { id: customerId } = await house.customer();
    const owner = { organizationId: house.organizationId, customerId, types: ['github_repository'] };
    const link = (accountId: string, username = `u${accountId}`) =>
      house.transaction((tx) => accounts.link(tx, owner, 'GITHUB', { accountId, username, scopes: [], tokens: null }));
    const first = await tells(['customer.account_linked'], () => link('1'));
    const second = await tells(['customer.account_linked'], () => link('2'));
    await once(['customer.account_chosen'], () => house.transaction((tx) => accounts.use(tx, owner, first.id)));
    await tells(['customer.account_unlinked'], () => house.transaction((tx) => accounts.unlink(tx, owner, second.id)));
    await refuses(() => house.transaction((tx) => accounts.unlink(tx, owner, second.id)));
  });

  test('benefits', async () => {
    const facts = { type: 'custom', description: 'A note', properties: { note: 'Hi', fulfillment: 'AUTOMATIC' } };
    const { id } = await tells(['benefit.created'], () => act(benefits.create, facts));
    await once(['benefit.updated'], () =>
      act(benefits.update, { id, properties: { fulfillment: 'AUTOMATIC', note: 'Ho' } }),
    );
    await tells([], () => act(benefits.update, { id, properties: { note: 'Ho', fulfillment: 'AUTOMATIC' } }));
    await once(['benefit.updated'], () => act(benefits.update, { id, description: 'Another', metadata: { a: 1 } }));
    await once(['benefit.deleted'], () => act(benefits.remove, { id }));
    await refuses(() => act(benefits.update, { id, description: 'Gone' }));
  });

  test('products', async () => {
    const [a, b] = [(await house.benefit()).id, (await house.benefit()).id];
    const { id } = await tells(['product.created'], () => act(products.create, { name: 'A product' }));
    await once(['product.updated'], () => act(products.update, { id, name: 'Renamed', keepForBuyers: true }));
    const list = (benefitIds: string[]) => () => act(products.setBenefits, { id, benefitIds });
    await once(['product.updated'], list([a, b]));
    const { customer } = await merchant.subscriber([]);
    await merchant.buy(customer.id, id);
    await house.settle(customer.id);
    await once(['product.updated'], list([b, a]));
    await tells([], () => house.settle(customer.id));
    await refuses(list([a, a]));
  });

  test('subscriptions', async () => {
    const [{ id: customerId }, one, other] = [await house.customer(), await house.product([]), await house.product([])];
    const create = (externalId: string) =>
      merchant.subscribe(customerId, one.id, { externalId, currentPeriodEnd: daysOn(30) });
    const { id } = await tells(['subscription.created', STATE], () => create('sub-1'));
    await refuses(() => create('sub-1'));
    const occurredAt = house.time.now;
    await once(['subscription.updated', STATE], () => merchant.report(id, { status: 'PAST_DUE', occurredAt }));
    await tells([], () => merchant.report(id, { status: 'PAST_DUE', occurredAt: daysOn(0.001) }));
    await tells([], () => merchant.report(id, { status: 'ACTIVE', occurredAt: daysOn(-1) }));
    await once(['subscription.renewed', STATE], () =>
      merchant.renew(id, { periodStart: daysOn(0.002), periodEnd: daysOn(31) }),
    );
    await once(['subscription.updated', STATE], () => merchant.changeProduct(id, other.id));
    await once(['subscription.canceled', STATE], () => merchant.cancel(id, true));
    await once(['subscription.uncanceled', STATE], () => merchant.uncancel(id));
    await once(['subscription.canceled', STATE], () => merchant.cancel(id));
    await once(['subscription.revoked'], () => merchant.revokeSubscription(id));
    await tells([], () => merchant.cancel(id, true));
    await tells([], () => house.settle(customerId));
  });

  test('a subscription that ends with its period', async () => {
    const { customer, subscription } = await merchant.subscriber([], { currentPeriodEnd: daysOn(1) });
    await merchant.cancel(subscription.id, true);
    house.passTime(DAY_MS);
    await once(['subscription.ended', STATE], () => house.settle(customer.id));
  });

  test('orders and refunds', async () => {
    const { customer, product } = await merchant.buyer([]);
    const order = await tells(['order.created'], () => merchant.buy(customer.id, product.id, { amount: '10' }));
    const refund = (amount: string) => merchant.refund({ orderId: order.id, amount });
    const first = await tells(['order.updated', 'refund.created'], () => refund('4'));
    await tells(['refund.created'], () => refund('2'));
    await refuses(() => refund('5'));
    const last = await tells(['order.updated', 'refund.created'], () => refund('4'));
    await refuses(() => refund('1'));
    // It was the last one that made them whole; what it withdrew is given back with this.
    const failed = await once(['order.updated', 'refund.updated', 'refund.updated'], () =>
      merchant.reportRefund(first.id, 'FAILED'),
    );
    expect(failed.status).toBe('FAILED');
    expect(await house.prisma.refund.findUnique({ where: { id: last.id } })).toMatchObject({ revokeBenefits: false });
  });

  test('meters', async () => {
    const facts = { name: 'Calls', aggregation: { function: 'COUNT' as const } };
    const { id } = await tells(['meter.created'], () => act(meters.create, facts));
    await once(['meter.updated'], () => act(meters.update, { id, name: 'API calls' }));
    await once(['meter.archived'], () => act(meters.archive, { id }));
  });

  test('license keys', async () => {
    const { customer } = await merchant.buyer([
      (await house.benefit('license_keys', { activations: { limit: 3 } })).id,
    ]);
    await house.settle(customer.id);
    const { id, sealed } = await house.prisma.licenseKey.findFirstOrThrow({
      where: { customerId: customer.id },
      omit: { sealed: false },
    });
    const key = house.keyring.open(sealed);
    const update = (changes: administration.KeyChanges) => () => act(administration.update, { id, ...changes });
    await once(['license_key.updated'], update({ limitUsage: 10, usage: 4 }));
    await tells([], update({ limitUsage: 10, limitActivations: 3 }));
    await once(['license_key.disabled'], update({ status: 'DISABLED' }));
    await once(['license_key.enabled', 'license_key.updated'], update({ status: 'GRANTED', usage: 0 }));
    await tells(['license_key.rotated'], () => act(administration.rotate, { id, graceDays: 7 }));
    const { id: activationId } = await once(['license_key.activated'], () =>
      house.licenses.activate({ key, label: 'A machine', fingerprint: 'f' }),
    );
    await refuses(() => house.licenses.activate({ key: 'NO-KEY', label: 'A machine' }));
    await tells([], () => house.licenses.consume({ key, units: 1, idempotencyKey: 'once' }));
    await once(['license_key.deactivated'], () =>
      house.transaction((tx) => activations.deactivate(tx, { activationId })),
    );
    const { id: benefitId } = await house.benefit('license_keys', {});
    const row = { key: 'ANOTHER-SYSTEM-1234', customer: { id: customer.id } };
    await once(['benefit_grant.created'], () => act(importAll, { benefitId, keys: [row] }));
    await once(['benefit_grant.updated', STATE], () => house.settle(customer.id));
  });

  test('files', async () => {
    const quota = house.fileQuota;
    const create = (tx: Tx, given: Of & { name: string; size: bigint }) => files.create(tx, given, quota);
    const { file, version } = await tells(['file.created'], () => act(create, { name: 'app.zip', size: 0n }));
    const { id } = file;
    await tells([], () => house.transaction((tx) => complete(tx, version, [])));
    await once(['file.ready'], () => verify(house, { versionId: version.id }));
    await once(['file.updated'], () => act(files.rename, { id, name: 'app-2.zip' }));
    await once(['file.archived'], () => act(files.archive, { id }));
    await once(['file.unarchived'], () => act(files.unarchive, { id }));
    const addVersion = (tx: Tx, given: Of & { id: string; size: bigint }) => files.addVersion(tx, given, quota);
    const second = await tells(['file.version_created'], () => act(addVersion, { id, size: 0n }));
    await refuses(() => act(addVersion, { id, size: 0n }));
    await once(['file.failed'], () => house.transaction((tx) => fail(tx, second.version, 'It was aborted.')));
    await once(['file.deleted'], () => act(files.remove, { id }));
  });

  test('places at third parties', async () => {
    const connect = (name: string) => () =>
      act(integrations.connect, { provider: 'GITHUB' as const, places: [{ placeId: '42', name }] });
    await once(['integration.connected'], connect('acme'));
    await once(['integration.updated'], connect('acme-inc'));
    const { id } = await house.prisma.integration.findFirstOrThrow({ where: { placeId: '42' } });
    await tells(['integration.disconnected'], () => act(integrations.disconnect, { id }));
    await refuses(() => act(integrations.disconnect, { id }));
  });

  test('webhook endpoints', async () => {
    const url = 'http://127.0.0.1:1/hook';
    const { endpoint } = await tells(['webhook_endpoint.created'], () => act(endpoints.create, { url, events: ['*'] }));
    const { id } = endpoint;
    await once(['webhook_endpoint.updated'], () =>
      act(endpoints.update, { id, events: ['order.*'], description: 'A' }),
    );
    await tells([], () =>
      act(endpoints.update, { id, url: 'http://127.0.0.1:1/hook', events: ['order.*', 'order.*'] }),
    );
    await once(['webhook_endpoint.disabled'], () => act(endpoints.disable, { id }));
    await once(['webhook_endpoint.enabled'], () => act(endpoints.enable, { id }));
    await tells(['webhook_endpoint.secret_rotated'], () => act(endpoints.rotateSecret, { id }));
    await tells(['webhook_endpoint.deleted'], () => act(endpoints.remove, { id }));
    await refuses(() => act(endpoints.remove, { id }));
  });

  test('credits', async () => {
    const [{ id: customerId }, meterId] = [await house.customer(), await credits.meter()];
    await credits.threshold(meterId, { units: '50' });
    await tells([CREDITS], () => credits.topUp(customerId, meterId, '100', { expiresAt: daysOn(2) }));
    await tells([CREDITS], () => credits.consume(customerId, meterId, '10'));
    await refuses(() => credits.consume(customerId, meterId, '1000'));
    await tells([CREDITS, 'credit_balance.low'], () => credits.use(customerId, meterId, 40));
    const usage = { name: 'call', customer: { id: customerId }, externalId: 'once', metadata: { calls1: 1 } };
    await once([CREDITS], () => house.ingestUsage({ organizationId: house.organizationId, events: [usage] }));
    const { holdId } = await tells([CREDITS], () => credits.hold(customerId, meterId, '9'));
    await once([CREDITS], () => credits.commit(holdId, '5'));
    const { holdId: other } = await tells([CREDITS], () => credits.hold(customerId, meterId, '9', daysOn(1)));
    await once([CREDITS], () => credits.release(other));
    await tells([CREDITS], () => credits.hold(customerId, meterId, '9', daysOn(1)));
    await credits.tick();
    house.passTime(DAY_MS);
    await once([CREDITS], () => credits.tick());
    await tells([CREDITS], () => credits.adjust(customerId, meterId, '-1', 'A mistake'));
    house.passTime(DAY_MS);
    await once([CREDITS, 'credit_balance.depleted', STATE], () => credits.tick());
  });

  test('a balance that is not what it should be, once a day', async () => {
    const [{ id: customerId }, meterId] = [await house.customer(), await credits.meter()];
    await credits.topUp(customerId, meterId, '10');
    await house.prisma.creditBalance.updateMany({ where: { customerId }, data: { balance: 11 } });
    await house.prisma.creditAudit.create({ data: { day: '2026-03-09', startedAt: house.time.now } });
    await once(['credit_balance.disagreed'], () => runAudit(house, { day: '2026-03-09' }));
    await house.prisma.creditBalance.updateMany({ where: { customerId }, data: { balance: 10 } });
  });

  test('what is rolled back', async () => {
    const { id } = await house.customer();
    await refuses(() =>
      house.transaction(async (tx) => {
        await customers.update(tx, { organizationId: house.organizationId, id, name: 'Grace' });
        throw new Error('No.');
      }),
    );
  });
});

const STATE = 'customer.state_changed';
const CREDITS = 'credit_balance.changed';
