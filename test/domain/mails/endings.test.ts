import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts';
import { type House, openHouse } from '../../support/house.ts';
import { mailsOf } from '../../support/mails.ts';
import { type Merchant, merchantOf } from '../../support/merchant.ts';
import { toyInRows } from '../../support/toy-kind.ts';

let house: House;
let merchant: Merchant;
let mails: ReturnType<typeof mailsOf>;

beforeAll(async () => {
  house = await openHouse({ kinds: [toyInRows()] });
  merchant = merchantOf(house);
  mails = mailsOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());

const word = (text = 'hello') => house.benefit('toy_word', { word: text });

/** A subscriber to a new product with this many benefits, settled and written to. */
async function subscriber(benefits = 1, facts: Parameters<Merchant['subscriber']>[1] = {}) {
  const ids = [];
  for (let index = 0; index < benefits; index++) ids.push((await word()).id);
  const made = await merchant.subscriber(ids, facts);
  return { ...made, id: made.customer.id, benefitIds: ids };
}

const month = () => ({ currentPeriodEnd: new Date(house.time.now.getTime() + 30 * DAY_MS) });

describe('an end that is known', () => {
  /** Cancels at the end of a month and says what was written by when. */
  async function canceled() {
    const made = await subscriber(2, month());
    await house.settle(made.id);
    await merchant.cancel(made.subscription.id, true);
    await mails.run();
    return made;
  }

  test('is announced seven days and one day before, once each', async () => {
    const { id } = await canceled();
    expect(await mails.states(id)).toEqual(['welcome kept', 'access_ending planned', 'access_ending planned']);
    house.passTime(23 * DAY_MS - MINUTE_MS);
    await mails.run();
    expect(await mails.states(id)).toEqual(['welcome kept', 'access_ending planned', 'access_ending planned']);
    house.passTime(MINUTE_MS);
    await mails.run();
    expect(await mails.states(id)).toEqual(['welcome kept', 'access_ending kept', 'access_ending planned']);
    house.passTime(6 * DAY_MS);
    await mails.run();
    await mails.run();
    expect(await mails.states(id)).toEqual(['welcome kept', 'access_ending kept', 'access_ending kept']);
  });

  test('that is taken back is not announced, and is when it comes back', async () => {
    const { id, subscription } = await canceled();
    await merchant.uncancel(subscription.id);
    await mails.run();
    expect(await mails.states(id)).toEqual(['welcome kept', 'access_ending canceled', 'access_ending canceled']);
    await merchant.cancel(subscription.id, true);
    await mails.run();
    expect(await mails.states(id)).toEqual(['welcome kept', 'access_ending planned', 'access_ending planned']);
  });

  test('taken back and given again between two looks at the log is announced once', async () => {
    const { id, subscription } = await canceled();
    for (let round = 0; round < 3; round++) {
      await merchant.uncancel(subscription.id);
      await merchant.cancel(subscription.id, true);
    }
    house.passTime(23 * DAY_MS);
    await mails.run();
    expect(await mails.states(id)).toEqual(['welcome kept', 'access_ending kept', 'access_ending planned']);
  });

  test('that comes sooner calls off what was planned', async () => {
    const { id, subscription } = await canceled();
    await merchant.revokeSubscription(subscription.id);
    await house.settle(id);
    await mails.run();
    expect(await mails.states(id)).toEqual([
      'welcome kept',
      'access_removed kept',
      'access_ending canceled',
      'access_ending canceled',
    ]);
  });

  test('nearer than the notice has no such notice', async () => {
    const customer = await house.customer();
    const expiresAt = new Date(house.time.now.getTime() + 3 * DAY_MS);
    await merchant.give(customer.id, (await word()).id, { expiresAt });
    await house.settle(customer.id);
    await mails.run();
    expect(await mails.states(customer.id)).toEqual(['welcome kept', 'access_ending planned']);
  });

  test('of something one has twice is not announced', async () => {
    const { id, benefitIds } = await canceled();
    await merchant.give(id, benefitIds[0] ?? '');
    await merchant.give(id, benefitIds[1] ?? '');
    house.passTime(23 * DAY_MS);
    await mails.run();
    expect((await mails.states(id)).filter((state) => state.startsWith('access_ending'))).toEqual([
      'access_ending canceled',
      'access_ending planned',
    ]);
  });
});

describe('access that is removed', () => {
  test('is told once for all that ended together', async () => {
    const { id, subscription } = await subscriber(3);
    await house.settle(id);
    await mails.run();
    house.passTime(HOUR_MS);
    await merchant.cancel(subscription.id);
    await house.settle(id);
    await mails.run();
    expect(await mails.states(id)).toEqual(['welcome kept', 'access_removed kept']);
    const mail = (await mails.all(id))[1];
    expect(mail?.subject).toBe('Your access to A product has ended');
    expect(mail?.text?.match(/\* A toy_word benefit/g)).toHaveLength(3);
  });

  test('by a change of plan names what is gone and nothing else', async () => {
    const { id, subscription, benefitIds } = await subscriber(2);
    await house.settle(id);
    await mails.run();
    house.passTime(HOUR_MS);
    await merchant.changeProduct(subscription.id, (await house.product([benefitIds[0] ?? ''])).id);
    await house.settle(id);
    await mails.run();
    const mail = (await mails.all(id))[1];
    expect(mail?.subject).toBe('A change to what you have at Acme');
    expect(mail?.text?.match(/\* A toy_word benefit/g)).toHaveLength(1);
  });

  test('is not told about what was never there, or is still there from elsewhere', async () => {
    const { id, subscription, benefitIds } = await subscriber();
    await house.settle(id);
    await merchant.give(id, benefitIds[0] ?? '');
    await house.settle(id);
    await merchant.cancel(subscription.id);
    await house.settle(id);
    await mails.run();
    expect((await mails.states(id)).filter((state) => state.startsWith('access_removed'))).toEqual([
      'access_removed canceled',
    ]);
  });
});
