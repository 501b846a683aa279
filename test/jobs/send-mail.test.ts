import { once } from 'node:events';
import { expect, test } from 'vitest';
import { after, MINUTE_MS } from '../../src/lib/time.ts';
import { openHouse } from '../support/house.ts';
import { openMailbox } from '../support/mailbox.ts';
import { mailsOf } from '../support/mails.ts';
import { merchantOf } from '../support/merchant.ts';
import { spawnBoon } from '../support/process.ts';

test('a worker that is killed while a mail server has the mail leaves it to the next, which sends the same mail again', async () => {
  await using house = await openHouse({ startAt: new Date() });
  await using mailbox = await openMailbox();
  const env = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: house.url,
    BOON_SECRET: 'a secret that is only good for tests',
    SMTP_URL: mailbox.url,
    MAIL_FROM: 'hello@acme.dev',
  };
  const customer = await mailsOf(house).reader();
  const product = await house.product([(await house.benefit()).id]);
  await merchantOf(house).buy(customer.id, product.id);

  mailbox.manners.data.push('say nothing');
  await using first = spawnBoon(env, '--role', 'worker');
  await mailbox.comes(1);
  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  const [mail] = await house.prisma.mail.findMany();
  expect(mail).toMatchObject({ state: 'QUEUED', attempts: 0 });

  // Two minutes later.
  const past = after(new Date(), -MINUTE_MS);
  await house.prisma.mail.updateMany({ data: { sendingUntil: past, lookAt: past } });
  await using _second = spawnBoon(env, '--role', 'worker');
  await mailbox.comes(2);
  const [one, other] = mailbox.received;
  expect(other?.to).toEqual([customer.email]);
  expect(other?.mail.messageId).toBe(one?.mail.messageId);
  expect(other?.mail.text).toBe(one?.mail.text);
  await expect.poll(async () => (await house.prisma.mail.findMany()).map(({ state }) => state)).toEqual(['SENT']);
  expect(mailbox.received).toHaveLength(2);
});
