import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { kinds } from '../../src/benefits/kinds.ts';
import { goneUntilCustomer, needsCustomer, retryAfter } from '../../src/benefits/outcome.ts';
import * as accounts from '../../src/domain/accounts/accounts.ts';
import * as credits from '../../src/domain/credits/spending.ts';
import * as meters from '../../src/domain/meters/meters.ts';
import * as subscriptions from '../../src/domain/subscriptions/subscriptions.ts';
import { DAY_MS, HOUR_MS } from '../../src/lib/time.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Merchant, merchantOf } from '../support/merchant.ts';
import { type News, newsOf } from '../support/news.ts';
import { type Answers, toyInRows } from '../support/toy-kind.ts';

const CREATED = 'benefit_grant.created';
const UPDATED = 'benefit_grant.updated';
const CYCLED = 'benefit_grant.cycled';
const REVOKED = 'benefit_grant.revoked';
const CREDITS = 'credit_balance.changed';
const DEPLETED = 'credit_balance.depleted';
const STATE = 'customer.state_changed';

let house: House;
let merchant: Merchant;
let news: News;
/** What the toy answers next. */
const answers: Answers = {};
beforeAll(async () => {
  house = await openHouse({ kinds: [...kinds, { ...toyInRows({ answers }), account: 'GITHUB' }] });
  merchant = merchantOf(house);
  news = newsOf(house);
});
afterEach(() => {
  for (const verb of Object.keys(answers)) delete answers[verb as keyof Answers];
});
afterAll(() => house[Symbol.asyncDispose]());

const tells: News['tells'] = (types, work) => news.tells(types, work);
/** It is told as just this; and the same again as nothing. */
const once = async <Result>(types: readonly string[], work: () => Promise<Result>): Promise<Result> => {
  const result = await news.tells(types, work);
  await news.tells([], work);
  return result;
};
const daysOn = (days: number) => new Date(house.time.now.getTime() + days * DAY_MS);
const grantOf = async (customerId: string) => {
  const [grant] = await house.grants(customerId);
  if (!grant) throw new Error('They have no grant.');
  return grant;
};
/** Somebody who subscribes to a product with one benefit, and has not been settled yet. */
async function subscriber(type: string, properties: object) {
  const benefit = await house.benefit(type, properties);
  const product = await house.product([benefit.id]);
  const { id: customerId } = await house.customer();
  const subscription = await tells(['subscription.created', CREATED, STATE], () =>
    merchant.subscribe(customerId, product.id, { currentPeriodEnd: daysOn(30) }),
  );
  return { customerId, benefit, product, subscription, settle: () => house.settle(customerId) };
}
const license = () => subscriber('license_keys', { limitUsage: 3 });
const meter = async () => {
  const facts = { organizationId: house.organizationId, name: 'Calls', aggregation: { function: 'COUNT' as const } };
  return (await house.transaction((tx) => meters.create(tx, facts))).id;
};
const toy = () => subscriber('toy_word', { word: 'hello' });

describe('a change of a grant is told once, and what changes nothing is not told:', () => {
  test('bought, delivered, renewed, canceled, taken away', async () => {
    const { settle, subscription } = await license();
    await once([UPDATED, STATE], settle);
    await tells(['subscription.renewed', STATE], () =>
      merchant.renew(subscription.id, { periodStart: daysOn(1), periodEnd: daysOn(31) }),
    );
    await tells([], settle);
    await tells(['subscription.canceled', UPDATED, STATE], () => merchant.cancel(subscription.id));
    await once([REVOKED, STATE], settle);
  });

  test('credits, which a renewal delivers anew', async () => {
    const meterId = await meter();
    const { settle, subscription } = await subscriber('meter_credit', { meterId, units: 10, priority: 0 });
    await once([UPDATED, CREDITS, STATE], settle);
    const renewal = { periodStart: house.time.now, periodEnd: daysOn(30) };
    await tells([], () => merchant.renew(subscription.id, renewal));
    house.passTime(HOUR_MS);
    await tells(['subscription.renewed', STATE], () =>
      merchant.renew(subscription.id, { ...renewal, periodStart: house.time.now }),
    );
    await once([CYCLED, STATE], settle);
    await merchant.cancel(subscription.id);
    await once([REVOKED, CREDITS, DEPLETED, STATE], settle);
  });

  test('taken away by hand, and lifted', async () => {
    const { settle, customerId } = await license();
    await settle();
    const { id } = await grantOf(customerId);
    await once([UPDATED], () => merchant.revoke(id, 'Because'));
    await once([REVOKED, STATE], settle);
    await once([CREATED], () => merchant.lift(id));
    await once([UPDATED, STATE], settle);
    await tells([], () => merchant.retry(id));
  });

  test('given by hand', async () => {
    const [{ id: customerId }, { id: benefitId }] = [await house.customer(), await house.benefit()];
    const give = (reason: string, expiresAt: Date | null = null) =>
      merchant.give(customerId, benefitId, { reason, expiresAt });
    await once([CREATED], () => give('A gift'));
    await tells([UPDATED], () => give('Another gift'));
    await once([UPDATED], () => give('Another gift', daysOn(1)));
    await once([UPDATED, STATE], () => house.settle(customerId));
    house.passTime(DAY_MS);
    await once([REVOKED, STATE], () => house.settle(customerId));
    await once([CREATED], () => give('Another gift'));
  });

  test('done by hand', async () => {
    const { customerId, settle } = await subscriber('custom', { note: 'Hello', fulfillment: 'MANUAL' });
    await once([UPDATED], settle);
    const { id } = await grantOf(customerId);
    await once([UPDATED], () => merchant.fulfill(id));
    await once([UPDATED, STATE], settle);
  });

  test('refunded, and the refund failed', async () => {
    const { settle, subscription } = await license();
    await settle();
    const { id } = await tells(['refund.created', UPDATED], () => merchant.refund({ subscriptionId: subscription.id }));
    await once([REVOKED, STATE], settle);
    await once(['refund.updated', CREATED], () => merchant.reportRefund(id, 'FAILED'));
    await once([UPDATED, STATE], settle);
  });

  test('edited, reordered, and taken off a product', async () => {
    const { settle, benefit, product } = await license();
    await settle();
    const other = await house.benefit();
    const list = (...benefitIds: string[]) => merchant.setBenefits(product.id, benefitIds);
    await merchant.editBenefit(benefit.id, { limitUsage: 4 });
    await once([UPDATED], settle);
    await once(['product.updated'], () => list(benefit.id, other.id));
    await once([CREATED, UPDATED, STATE], settle);
    await once(['product.updated'], () => list(other.id, benefit.id));
    await tells([], settle);
    await list(other.id);
    await once([UPDATED, REVOKED, STATE], settle);
    await merchant.removeBenefit(other.id);
    await once([UPDATED, REVOKED, STATE], settle);
  });

  test('in trouble', async () => {
    const { settle, customerId } = await toy();
    answers.deliver = () => retryAfter(1, 'BUSY', 'Later.');
    await once([UPDATED], settle);
    house.passTime(DAY_MS);
    await once([], settle);
    await house.prisma.benefitGrant.updateMany({ where: { customerId }, data: { attempts: 79 } });
    house.passTime(DAY_MS);
    await once([UPDATED], settle);
    expect(await grantOf(customerId)).toMatchObject({ attentionCode: 'GAVE_UP' });
    await merchant.retry((await grantOf(customerId)).id);
    answers.deliver = () => needsCustomer('CONNECT', 'Say who you are.');
    house.passTime(DAY_MS);
    await once([UPDATED], settle);
    const { id } = await grantOf(customerId);
    await tells([UPDATED], () => merchant.retry(id));
    delete answers.deliver;
    await once([UPDATED, STATE], settle);
  });

  test('what is gone until its customer acts is no part of what they have', async () => {
    const { settle, benefit } = await toy();
    await settle();
    answers.reapply = () => retryAfter(1, 'CONNECT', 'It is not known yet who they are.');
    await merchant.editBenefit(benefit.id, { word: 'goodbye' });
    await once([UPDATED], settle);
    answers.reapply = () => goneUntilCustomer('CONNECT', 'Say who you are.', { count: 0 });
    house.passTime(HOUR_MS);
    await once([UPDATED, STATE], settle);
  });

  test('a problem that a new period finds gone', async () => {
    const { settle, subscription } = await toy();
    await settle();
    const renew = (day: number) =>
      merchant.renew(subscription.id, { periodStart: daysOn(day), periodEnd: daysOn(day + 30) });
    answers.renew = () => retryAfter(1, 'BUSY', 'Later.');
    await renew(1);
    await once([UPDATED], settle);
    delete answers.renew;
    house.passTime(HOUR_MS);
    await once([UPDATED], settle);
    await renew(2);
    await once([], settle);
  });

  test('an account that is linked anew, with nothing in its way and with something', async () => {
    const { settle, customerId, benefit } = await toy();
    const { organizationId, transaction } = house;
    const owner = { organizationId, customerId, types: [benefit.type] };
    const identity = { accountId: customerId, username: 'ada', scopes: [], tokens: null };
    const link = () => transaction((tx) => accounts.link(tx, owner, 'GITHUB', identity));
    await tells(['customer.account_linked'], link);
    await once([UPDATED, STATE], settle);
    house.passTime(1);
    await tells(['customer.account_linked'], link);
    await once([], settle);
    answers.reapply = () => needsCustomer('CONNECT', 'Say who you are.');
    await tells(['customer.account_linked'], link);
    await once([UPDATED], settle);
    delete answers.reapply;
    await tells(['customer.account_linked', UPDATED], link);
    await once([], settle);
  });

  test('two summaries that need each other are one each', async () => {
    const meterId = await meter();
    const { organizationId } = house;
    const { customerId, subscription } = await license();
    await tells([CREDITS], () =>
      house.transaction((tx) => credits.topUp(tx, { organizationId, customerId, meterId, units: '1' })),
    );
    await tells(['subscription.canceled', UPDATED, CREDITS, DEPLETED, STATE], () =>
      house.transaction(async (tx) => {
        await subscriptions.cancel(tx, { organizationId, id: subscription.id, atPeriodEnd: false });
        await credits.adjust(tx, { organizationId, customerId, meterId, units: '-1', note: 'Gone' });
      }),
    );
  });
});
