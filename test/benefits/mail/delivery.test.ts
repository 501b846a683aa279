import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as mailVerbs from '../../../src/domain/mails/mails.ts';
import { mailsReader } from '../../../src/domain/mails/reading.ts';
import { advance } from '../../../src/domain/readers.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts';
import { openSmtp, type Smtp } from '../../../src/providers/smtp.ts';
import { type House, openHouse } from '../../support/house.ts';
import { type Mailbox, openMailbox } from '../../support/mailbox.ts';
import { mailsOf } from '../../support/mails.ts';
import { type Merchant, merchantOf } from '../../support/merchant.ts';
import { toyInRows } from '../../support/toy-kind.ts';

let house: House;
let merchant: Merchant;
let mailbox: Mailbox;
let smtp: Smtp;
let mails: ReturnType<typeof mailsOf>;

beforeAll(async () => {
  house = await openHouse({ kinds: [toyInRows()] });
  merchant = merchantOf(house);
  mailbox = await openMailbox();
  smtp = openSmtp({ url: mailbox.url, from: 'hello@acme.dev' });
  mails = mailsOf(house, smtp);
});
afterAll(async () => {
  await smtp[Symbol.asyncDispose]();
  await mailbox[Symbol.asyncDispose]();
  await house[Symbol.asyncDispose]();
});
beforeEach(() => {
  mailbox.received.length = 0;
});

/** Somebody whose purchase is settled, with their welcome still to come. */
async function buyer(name: string | null = 'Ada Lovelace') {
  const customer = await mails.reader(name);
  const product = await house.product([(await house.benefit('toy_word', { word: 'hello' })).id]);
  await merchant.buy(customer.id, product.id);
  await house.settle(customer.id);
  return customer;
}

const welcomeOf = async (customerId: string) => {
  await mails.read();
  const [mail] = await mails.all(customerId);
  if (!mail) throw new Error('No mail was planned.');
  return mail;
};
const now = async (id: string) => house.prisma.mail.findUniqueOrThrow({ where: { id } });

test('a purchase is one mail, to its customer alone, that says what there is', async () => {
  await mails.brand({ supportEmail: 'help@acme.dev', portalUrl: 'https://acme.dev/account?a=1&b=2' });
  const customer = await buyer();
  const { id } = await welcomeOf(customer.id);
  await mails.send(id);
  const [received] = mailbox.received;
  expect(mailbox.received).toHaveLength(1);
  expect(received?.to).toEqual([customer.email]);
  expect(received?.mail.subject).toBe('A product is ready for you');
  expect(received?.mail.from?.value).toEqual([{ name: 'Acme', address: 'hello@acme.dev' }]);
  expect(received?.mail.replyTo?.value[0]?.address).toBe('help@acme.dev');
  expect(received?.mail.text).toContain('Hello Ada Lovelace,');
  expect(received?.mail.text).toContain('Say **hello**.');
  expect(received?.mail.text).toContain('https://acme.dev/account?a=1&b=2');
  expect(received?.mail.text).toContain('Questions? help@acme.dev');
  expect(received?.mail.html).toContain('Say <strong>hello</strong>.');
  expect(received?.mail.html).toContain('href="https://acme.dev/account?a=1&amp;b=2"');
  expect(await now(id)).toMatchObject({ state: 'SENT', attempts: 1, lookAt: null, recipient: customer.email });
  expect((await now(id)).answer).toMatch(/^250/);
});

describe('one occasion is one mail', () => {
  test('when its jobs come twice, at once and one after the other', async () => {
    const { id } = await welcomeOf((await buyer()).id);
    await Promise.all([mails.send(id), mails.send(id), mails.send(id), mails.send(id)]);
    await mails.send(id);
    expect(mailbox.received).toHaveLength(1);
  });

  test('when several workers read the log at once', async () => {
    const customer = await buyer();
    const advanceOnce = () => house.transaction((tx) => advance(tx, mailsReader, house.organizationId));
    await Promise.all(Array.from({ length: 5 }, advanceOnce));
    await mails.run();
    await mails.run();
    expect(await mails.states(customer.id)).toEqual(['welcome sent']);
  });

  test('when the log is read anew from its beginning', async () => {
    const customer = await buyer();
    await mails.run();
    await house.prisma.logPosition.deleteMany({ where: { reader: 'mails' } });
    mailbox.received.length = 0;
    await mails.run();
    expect(mailbox.received).toEqual([]);
    expect(await mails.states(customer.id)).toEqual(['welcome sent']);
  });

  test('when a worker dies after reading, before its transaction ends', async () => {
    const customer = await buyer();
    const dying = house.transaction(async (tx) => {
      await advance(tx, mailsReader, house.organizationId);
      throw new Error('killed');
    });
    await expect(dying).rejects.toThrow('killed');
    expect(await mails.all(customer.id)).toEqual([]);
    await mails.run();
    expect(await mails.states(customer.id)).toEqual(['welcome sent']);
  });
});

describe('a mail server that will not have it now', () => {
  test('is asked again later, with the same words and the same Message-ID', async () => {
    const customer = await buyer();
    const { id } = await welcomeOf(customer.id);
    mailbox.manners.data.push({ code: 451, says: 'Greylisted' });
    await mails.send(id);
    expect(await now(id)).toMatchObject({ state: 'QUEUED', attempts: 1, sendingUntil: null });
    expect((await now(id)).answer).toContain('Greylisted');
    await mails.send(id);
    expect(mailbox.received).toHaveLength(1);
    house.passTime(MINUTE_MS);
    await mails.send(id);
    expect(await now(id)).toMatchObject({ state: 'SENT', attempts: 2 });
    const [first, second] = mailbox.received.map(({ mail }) => mail);
    expect(second?.messageId).toBe(`<${id}@acme.dev>`);
    expect([second?.messageId, second?.text, second?.html]).toEqual([first?.messageId, first?.text, first?.html]);
  });

  test('is asked for about three days, less and less often', async () => {
    const { id } = await welcomeOf((await buyer()).id);
    const start = house.time.now.getTime();
    const pauses: number[] = [];
    while ((await now(id)).state !== 'FAILED') {
      mailbox.manners.data.push({ code: 451, says: 'Later' });
      await mails.send(id);
      const { lookAt } = await now(id);
      if (!lookAt) break;
      pauses.push(lookAt.getTime() - house.time.now.getTime());
      house.time.now = lookAt;
    }
    mailbox.manners.data.length = 0;
    expect(pauses.slice(0, 3)).toEqual([MINUTE_MS, 2 * MINUTE_MS, 4 * MINUTE_MS]);
    expect(Math.max(...pauses)).toBe(6 * HOUR_MS);
    const days = (house.time.now.getTime() - start) / DAY_MS;
    expect(days).toBeGreaterThan(2.5);
    expect(days).toBeLessThan(3.5);
  });

  test('ever, because the address is not known, is not asked again', async () => {
    const { id } = await welcomeOf((await buyer()).id);
    mailbox.manners.recipient.push({ code: 550, says: 'No such user' });
    await mails.send(id);
    expect(await now(id)).toMatchObject({ state: 'FAILED', lookAt: null });
    expect((await now(id)).answer).toContain('No such user');
  });
});

describe('a mail that may or may not have arrived', () => {
  test('because the server hung up, is sent again as the same mail: at least once', async () => {
    const { id } = await welcomeOf((await buyer()).id);
    mailbox.manners.data.push('hang up');
    await mails.send(id);
    expect((await now(id)).state).toBe('QUEUED');
    house.passTime(MINUTE_MS);
    await mails.send(id);
    expect((await now(id)).state).toBe('SENT');
    expect(mailbox.received.map(({ mail }) => mail.messageId)).toEqual(Array(2).fill(`<${id}@acme.dev>`));
  });

  test('because its worker died, is sent by another when the first is taken for dead', async () => {
    const { id } = await welcomeOf((await buyer()).id);
    const dying = mailsOf(house, { ...smtp, send: () => Promise.reject(new Error('killed')) });
    await expect(dying.send(id)).rejects.toThrow('killed');
    await mails.send(id);
    expect(mailbox.received).toHaveLength(0);
    house.passTime(2 * MINUTE_MS);
    await mails.run();
    expect(mailbox.received).toHaveLength(1);
    expect((await now(id)).state).toBe('SENT');
  });

  test('because its worker was only slow, is not sent again once that one has come back', async () => {
    const { id } = await welcomeOf((await buyer()).id);
    const slow = mailsOf(house, {
      ...smtp,
      async send() {
        house.passTime(2 * MINUTE_MS);
        return { is: 'sent', answer: '250 taken\0' };
      },
    });
    await slow.send(id);
    await mails.run();
    expect(mailbox.received).toHaveLength(0);
    expect(await now(id)).toMatchObject({ state: 'SENT', answer: '250 taken' });
  });
});

describe('without a mail server', () => {
  test('mails are written and kept', async () => {
    const customer = await buyer();
    const { id } = await welcomeOf(customer.id);
    await mailsOf(house).send(id);
    expect(await now(id)).toMatchObject({
      state: 'KEPT',
      attempts: 0,
      lookAt: null,
      answer: 'No mail server is configured.',
    });
    expect((await now(id)).html).toContain('<!doctype html>');
  });
});

test('an address that can reach nobody is written to and kept, also with a mail server', async () => {
  const { customer } = await merchant.buyer([(await house.benefit('toy_word', { word: 'hello' })).id]);
  await house.settle(customer.id);
  await mails.run();
  expect(mailbox.received).toHaveLength(0);
  expect(await mails.states(customer.id)).toEqual(['welcome kept']);
});

describe('another copy', () => {
  const resend = (id: string) =>
    house.transaction((tx) => mailVerbs.resend(tx, { organizationId: house.organizationId, id }));

  test('says the same under an id of its own, to the address of today', async () => {
    const customer = await buyer();
    const { id } = await welcomeOf(customer.id);
    await mails.send(id);
    await house.prisma.customer.update({ where: { id: customer.id }, data: { email: 'moved@boon-mail.dev' } });
    const copy = await resend(id);
    await mails.send(copy.id);
    const [first, second] = mailbox.received;
    expect(second?.to).toEqual(['moved@boon-mail.dev']);
    expect(second?.mail.text).toBe(first?.mail.text);
    expect(second?.mail.messageId).not.toBe(first?.mail.messageId);
    expect(await now(copy.id)).toMatchObject({ state: 'SENT', resendOf: id });
  });

  test('of what has not been written there is none', async () => {
    const { id } = await welcomeOf((await buyer()).id);
    await expect(resend(id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(resend('mai_nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('what people called themselves and their things stays text, in every part', async () => {
  const evil =
    'Eve <img src=x onerror=alert(1)>\r\nBcc: eve@evil.dev\u2028X-Evil: 1\u0085X-Evil: 2\nX-Evil: 3\u2029X-Evil: 4';
  const customer = await mails.reader(evil);
  const benefit = await house.benefit('toy_word', {
    word: '<script>alert(1)</script> [x](javascript:alert(1)) ![p](https://evil.dev/p)',
  });
  await house.prisma.benefit.update({ where: { id: benefit.id }, data: { description: `${evil}"'&` } });
  const product = await house.product([benefit.id]);
  await house.prisma.product.update({ where: { id: product.id }, data: { name: evil } });
  await merchant.buy(customer.id, product.id);
  await mails.brand({ name: evil });
  await house.settle(customer.id);
  await mails.run();
  await mails.brand({ name: 'Acme' });
  const received = mailbox.received.find(({ to }) => to.includes(customer.email));
  expect(received?.to).toEqual([customer.email]);
  expect([...(received?.mail.headers.keys() ?? [])].filter((name) => /bcc|evil/.test(name))).toEqual([]);
  expect(received?.mail.subject).toMatch(/^Eve <img .*X-Evil: 4 is ready for you$/);
  const page = String(received?.mail.html);
  expect(page).not.toMatch(/<(img|script)/i);
  expect(page).not.toMatch(/href="?javascript/i);
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
});
