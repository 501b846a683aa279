import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { done, needsCustomer, retryAfter } from '../../../src/benefits/outcome.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts';
import { type House, openHouse } from '../../support/house.ts';
import { waitingJobs } from '../../support/jobs.ts';
import { mailsOf } from '../../support/mails.ts';
import { type Merchant, merchantOf } from '../../support/merchant.ts';
import { type Answers, toyInRows } from '../../support/toy-kind.ts';

const answers: Answers = {};
let house: House;
let merchant: Merchant;
let mails: ReturnType<typeof mailsOf>;

beforeAll(async () => {
  house = await openHouse({ kinds: [toyInRows({ answers })] });
  merchant = merchantOf(house);
  mails = mailsOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());

const word = (text = 'hello') => house.benefit('toy_word', { word: text });
const CONNECT = () => needsCustomer<{ count: number }>('CONNECT_TOY', 'Connect your toy.');

/** A subscriber to a new product with this many benefits, settled and written to. */
async function subscriber(benefits = 1, facts: Parameters<Merchant['subscriber']>[1] = {}) {
  const ids = [];
  for (let index = 0; index < benefits; index++) ids.push((await word()).id);
  const made = await merchant.subscriber(ids, facts);
  return { ...made, id: made.customer.id, benefitIds: ids };
}

const month = () => ({ currentPeriodEnd: new Date(house.time.now.getTime() + 30 * DAY_MS) });

describe('a welcome', () => {
  test('waits until everything is delivered, and is one for all of a purchase', async () => {
    const { id } = await subscriber(3);
    await mails.run();
    expect(await mails.states(id)).toEqual(['welcome planned']);
    await house.settle(id);
    await mails.run();
    await mails.run();
    expect(await mails.states(id)).toEqual(['welcome kept']);
    const [mail] = await mails.all(id);
    expect(mail?.subject).toBe('A product is ready for you');
    expect(mail?.text?.match(/Say \*\*hello\*\*\./g)).toHaveLength(3);
  });

  test('is looked at when all of it is delivered, and not for every part before', async () => {
    const benefits = [await word('one'), await word('two')];
    let left = 1;
    answers.deliver = ({ benefit }) => {
      if (benefit.id === benefits[1]?.id && left-- > 0) return retryAfter(60, 'PROVIDER_UNAVAILABLE', 'Not yet.');
      return done({ count: 1 });
    };
    const { customer } = await merchant.subscriber(benefits.map(({ id }) => id));
    const jobs = async () =>
      (await waitingJobs(house)).filter(({ name }) => name === 'send-mail').map(({ data }) => data);
    await mails.read();
    await house.settle(customer.id);
    await mails.read();
    const [mail] = await mails.all(customer.id);
    expect([mail?.state, mail?.lookAt]).toEqual(['PLANNED', new Date(house.time.now.getTime() + 5 * MINUTE_MS)]);
    expect(await jobs()).not.toContainEqual({ mailId: mail?.id });
    house.passTime(MINUTE_MS);
    await house.settle(customer.id);
    await mails.read();
    expect(await jobs()).toContainEqual({ mailId: mail?.id });
    delete answers.deliver;
  });

  test('is not put off past its time by one more part that is not delivered', async () => {
    const { id } = await subscriber(2);
    let tries = 0;
    answers.deliver = () => retryAfter(60, `NOT_YET_${++tries}`, 'Not yet.');
    const jobs = async () => (await waitingJobs(house)).filter(({ name }) => name === 'send-mail').length;
    await mails.read();
    const [first] = await mails.all(id);
    const deadline = new Date((first?.sendAt.getTime() ?? 0) + 15 * MINUTE_MS);
    house.passTime(14 * MINUTE_MS);
    await house.settle(id);
    await mails.read();
    expect((await mails.all(id))[0]?.lookAt).toEqual(deadline);
    house.passTime(2 * MINUTE_MS);
    const before = await jobs();
    await house.settle(id);
    await mails.read();
    expect(await jobs()).toBe(before + 1);
    await mails.send(first?.id ?? '');
    expect(await mails.states(id)).toEqual(['welcome kept']);
    delete answers.deliver;
  });

  test('does not wait for ever for what cannot be delivered', async () => {
    answers.deliver = () => new Error('broken');
    const { id } = await subscriber();
    await house.settle(id);
    await mails.run();
    expect(await mails.states(id)).toEqual(['welcome planned']);
    house.passTime(15 * MINUTE_MS);
    await mails.run();
    const [mail] = await mails.all(id);
    expect(mail?.text).toContain('This is being prepared.');
    delete answers.deliver;
  });

  test('is called off when nothing is granted any more, and written after all when it is again', async () => {
    const { order } = await merchant.buyer([(await word()).id]);
    const { customerId } = order;
    const refund = await merchant.refund({ orderId: order.id });
    await house.settle(customerId);
    await mails.run();
    expect(await mails.states(customerId)).toEqual(['welcome canceled', 'access_removed canceled']);
    house.passTime(HOUR_MS);
    await merchant.reportRefund(refund.id, 'FAILED');
    await mails.run();
    await house.settle(customerId);
    await mails.run();
    expect(await mails.states(customerId)).toContain('welcome kept');
    expect((await mails.all(customerId)).find(({ occasion }) => occasion === 'welcome')?.text).toContain(
      'Say **hello**.',
    );
  });

  test('of a subscription that is not paid for comes with its payment', async () => {
    const { id, subscription } = await subscriber(1, { status: 'INCOMPLETE' });
    await house.settle(id);
    await mails.run();
    expect(await mails.states(id)).toEqual([]);
    await merchant.report(subscription.id, { status: 'ACTIVE' });
    await house.settle(id);
    await mails.run();
    expect(await mails.states(id)).toEqual(['welcome kept']);
  });

  test('greets for what was given by hand', async () => {
    const customer = await house.customer();
    await merchant.give(customer.id, (await word()).id);
    await house.settle(customer.id);
    await mails.run();
    const [mail] = await mails.all(customer.id);
    expect(mail?.subject).toBe('Acme has given you access');
  });

  test('is not repeated by a renewal, a change of plan or an edit', async () => {
    const { id, subscription, benefitIds } = await subscriber(1, month());
    await house.settle(id);
    await mails.run();
    const end = house.time.now.getTime() + 30 * DAY_MS;
    await merchant.renew(subscription.id, { periodStart: new Date(end), periodEnd: new Date(end + 30 * DAY_MS) });
    await merchant.editBenefit(benefitIds[0] ?? '', { word: 'goodbye' });
    const other = await house.product([(await word()).id, benefitIds[0] ?? '']);
    await merchant.changeProduct(subscription.id, other.id);
    await house.settle(id);
    await mails.run();
    expect(await mails.states(id)).toEqual(['welcome kept']);
  });
});

describe('what a customer must do', () => {
  test('stands in the welcome, and is then not asked for again', async () => {
    answers.deliver = CONNECT;
    const { id } = await subscriber(2);
    await house.settle(id);
    await mails.run();
    house.passTime(MINUTE_MS);
    await mails.run();
    delete answers.deliver;
    expect((await mails.states(id)).sort()).toEqual(['action_needed canceled', 'welcome kept']);
    const mail = (await mails.all(id)).find(({ occasion }) => occasion === 'welcome');
    expect(mail?.text?.match(/Connect your toy\./g)).toHaveLength(2);
  });

  test('and stands in the welcome is not asked for again because it is tried again', async () => {
    answers.deliver = CONNECT;
    const { id } = await subscriber();
    await house.settle(id);
    await mails.run();
    house.passTime(HOUR_MS);
    await mails.run();
    for (const grant of await house.grants(id)) await merchant.retry(grant.id);
    await house.settle(id);
    await mails.run();
    delete answers.deliver;
    expect((await mails.states(id)).filter((state) => !state.endsWith('canceled'))).toEqual(['welcome kept']);
  });

  test('later is asked for once for all that waits for it, however often it is tried', async () => {
    const { id, benefitIds } = await subscriber(2);
    await house.settle(id);
    await mails.run();
    house.passTime(DAY_MS);
    answers.reapply = CONNECT;
    for (const benefitId of benefitIds) await merchant.editBenefit(benefitId, { word: 'other' });
    await house.settle(id);
    await mails.run();
    house.passTime(HOUR_MS);
    for (const grant of await house.grants(id)) await merchant.retry(grant.id);
    await house.settle(id);
    await mails.run();
    delete answers.reapply;
    expect(await mails.states(id)).toEqual(['welcome kept', 'action_needed kept']);
    const mail = (await mails.all(id))[1];
    expect(mail?.text?.match(/Connect your toy\./g)).toHaveLength(2);
  });

  test('is not asked for when it is done before the mail is written', async () => {
    const { id, benefitIds } = await subscriber();
    await house.settle(id);
    await mails.run();
    answers.reapply = CONNECT;
    await merchant.editBenefit(benefitIds[0] ?? '', { word: 'other' });
    await house.settle(id);
    await mails.read();
    delete answers.reapply;
    for (const grant of await house.grants(id)) await merchant.retry(grant.id);
    await house.settle(id);
    await mails.run();
    expect(await mails.states(id)).toEqual(['welcome kept', 'action_needed canceled']);
  });
});

test('nobody is written to about what the merchant muted', async () => {
  await mails.brand({ mutedMails: ['welcome'] });
  const { id, subscription } = await subscriber();
  await house.settle(id);
  await mails.run();
  await merchant.cancel(subscription.id);
  await house.settle(id);
  await mails.run();
  await mails.brand({ mutedMails: [] });
  expect(await mails.states(id)).toEqual(['access_removed kept']);
});
