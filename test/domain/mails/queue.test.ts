import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestDue, SEND_MAIL } from '../../../src/domain/mails/queue.ts';
import { DAY_MS, MINUTE_MS } from '../../../src/lib/time.ts';
import { type House, openHouse } from '../../support/house.ts';
import { waitingJobs } from '../../support/jobs.ts';
import { mailsOf } from '../../support/mails.ts';
import { merchantOf } from '../../support/merchant.ts';

let house: House;
let mails: ReturnType<typeof mailsOf>;

beforeAll(async () => {
  house = await openHouse();
  mails = mailsOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());

const jobs = async () =>
  (await waitingJobs(house)).filter(({ name }) => name === SEND_MAIL).map(({ data }) => data.mailId);
const lose = () => house.database.read('lose jobs', 'DELETE FROM pgboss.job', []);
const tick = () => house.transaction((tx) => requestDue(tx));

test('a mail that is due has a job in the transaction that plans it, and another when that one is lost', async () => {
  const { customer } = await merchantOf(house).buyer([(await house.benefit()).id]);
  await house.settle(customer.id);
  await mails.read();
  const [mail] = await mails.all(customer.id);
  expect(await jobs()).toEqual([mail?.id]);
  await lose();
  expect(await tick()).toBe(0);
  house.passTime(MINUTE_MS);
  expect(await tick()).toBe(1);
  expect(await tick()).toBe(0);
  expect(await jobs()).toEqual([mail?.id]);
  await mails.send(mail?.id ?? '');
  await lose();
  house.passTime(DAY_MS);
  expect(await tick()).toBe(0);
});

test('one that is not due yet has none until it is, and a job that comes too early does nothing', async () => {
  const customer = await house.customer();
  const expiresAt = new Date(house.time.now.getTime() + 30 * DAY_MS);
  await merchantOf(house).give(customer.id, (await house.benefit()).id, { expiresAt });
  await house.settle(customer.id);
  await mails.run();
  await lose();
  const ending = (await mails.all(customer.id)).find(({ occasion }) => occasion === 'access_ending');
  await mails.send(ending?.id ?? '');
  expect(await mails.states(customer.id)).toEqual(['welcome kept', 'access_ending planned', 'access_ending planned']);
  house.passTime(23 * DAY_MS);
  expect(await tick()).toBe(1);
  expect(await jobs()).toEqual([ending?.id]);
});
