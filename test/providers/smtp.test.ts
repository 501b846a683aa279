import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Message, openSmtp, type Smtp } from '../../src/providers/smtp.ts';
import { type Mailbox, openMailbox } from '../support/mailbox.ts';

let mailbox: Mailbox;
let smtp: Smtp;

beforeAll(async () => {
  mailbox = await openMailbox();
  smtp = openSmtp({ url: mailbox.url, from: 'hello@acme.dev', timeoutMs: 2_000 });
});
afterAll(async () => {
  await smtp[Symbol.asyncDispose]();
  await mailbox[Symbol.asyncDispose]();
});
beforeEach(() => {
  mailbox.received.length = 0;
});

const message = (some: Partial<Message> = {}): Message => ({
  id: 'mai_1',
  from: 'Acme',
  to: 'ada@reader.dev',
  replyTo: 'help@acme.dev',
  subject: 'Hello',
  text: 'Hello Ada',
  html: '<p>Hello Ada</p>',
  ...some,
});

/** What arrives when this is sent. */
async function arrival(some: Partial<Message>) {
  expect((await smtp.send(message(some))).is).toBe('sent');
  const [received] = mailbox.received;
  if (!received) throw new Error('Nothing arrived.');
  return received;
}

const headersOf = (raw: string) =>
  raw
    .slice(0, raw.indexOf('\r\n\r\n'))
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');

test('says who writes, to whom, where answers go, and that no person sent it', async () => {
  const { mail, to } = await arrival({});
  expect(mail.from?.value).toEqual([{ name: 'Acme', address: 'hello@acme.dev' }]);
  expect(mail.replyTo?.value).toEqual([{ name: '', address: 'help@acme.dev' }]);
  expect(to).toEqual(['ada@reader.dev']);
  expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
  expect(mail.text?.trim()).toBe('Hello Ada');
  expect(mail.html).toBe('<p>Hello Ada</p>');
});

test('has the same Message-ID at every attempt', async () => {
  await smtp.send(message({ id: 'mai_7' }));
  await smtp.send(message({ id: 'mai_7' }));
  expect(mailbox.received.map(({ mail }) => mail.messageId)).toEqual(['<mai_7@acme.dev>', '<mai_7@acme.dev>']);
});

describe.each([
  ['carriage return and line feed', '\r\n'],
  ['line feed', '\n'],
  ['carriage return', '\r'],
  ['a folded line', '\r\n '],
  ['NUL and line feed', '\0\n'],
  ['next line', '\u0085'],
  ['line separator', '\u2028'],
  ['vertical tab', '\v'],
])('%s', (_name, breaks) => {
  const evil = `Nice${breaks}Bcc: eve@evil.dev${breaks}${breaks}<b>Body</b>`;

  test('in a name adds neither a header nor a reader', async () => {
    const { raw, mail, to } = await arrival({ from: evil });
    expect(headersOf(raw).filter((line) => /^bcc/i.test(line))).toEqual([]);
    expect(to).toEqual(['ada@reader.dev']);
    const name = 'Nice Bcc: eve@evil.dev <b>Body</b>';
    expect(mail.from?.value).toEqual([{ name, address: 'hello@acme.dev' }]);
    expect(mail.text?.trim()).toBe('Hello Ada');
  });

  test('in a subject adds neither a header nor a reader', async () => {
    const { raw, mail, to } = await arrival({ subject: evil });
    expect(headersOf(raw).filter((line) => /^bcc/i.test(line))).toEqual([]);
    expect(to).toEqual(['ada@reader.dev']);
    expect(mail.subject).toBe('Nice Bcc: eve@evil.dev <b>Body</b>');
  });
});

test.each(['Acme <eve@evil.dev>', 'Acme", <eve@evil.dev>, "', 'eve@evil.dev,', '=?utf-8?Q?Bcc:_eve?='])(
  'the name %j does not become an address',
  async (from) => {
    const { mail } = await arrival({ from });
    expect(mail.from?.value.map(({ address }) => address)).toEqual(['hello@acme.dev']);
  },
);

test('carries every script, and lines of any length', async () => {
  const text = `日本語 🎉 ünïcödé עברית ${'long '.repeat(5_000)}${'x'.repeat(5_000)}\n.\n..\nFrom here`;
  const { raw, mail } = await arrival({
    from: 'Ätherische Öle 株式会社',
    subject: `Grüße ${'🎉'.repeat(90)}`,
    text,
    html: `<p>${text}</p>`,
  });
  expect(mail.text?.trim()).toBe(text);
  expect(mail.html).toContain('x'.repeat(5_000));
  expect(mail.subject).toBe(`Grüße ${'🎉'.repeat(90)}`);
  expect(mail.from?.value[0]?.name).toBe('Ätherische Öle 株式会社');
  expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
  expect(raw).toMatch(/^[\t\r\n\x20-\x7e]*$/);
});

describe('what a mail server answers', () => {
  test.each([
    ['a recipient it does not know', 'recipient', 550, 'refused'],
    ['a mailbox that is full for now', 'recipient', 452, 'later'],
    ['a mail it will not have', 'data', 554, 'refused'],
    ['a mail it will have later', 'data', 451, 'later'],
  ] as const)('about %s', async (_name, when, code, is) => {
    mailbox.manners[when].push({ code, says: 'Because I say so' });
    const outcome = await smtp.send(message());
    expect(outcome.is).toBe(is);
    expect(outcome.answer).toContain('Because I say so');
  });

  test('by hanging up after the mail leaves open whether it has it', async () => {
    mailbox.manners.data.push('hang up');
    expect((await smtp.send(message())).is).toBe('later');
    expect(mailbox.received).toHaveLength(1);
    expect((await smtp.send(message())).is).toBe('sent');
  });
});

test('a server that is not there may be there later', async () => {
  await using nobody = openSmtp({ url: 'smtp://127.0.0.1:1', from: 'hello@acme.dev' });
  expect((await nobody.send(message())).is).toBe('later');
});

test('a server that trickles is left in time', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    const drip = setInterval(() => socket.write('2'), 20);
    socket.once('close', () => clearInterval(drip));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using slow = openSmtp({ url, from: 'hello@acme.dev', timeoutMs: 300 });
  expect((await slow.send(message())).is).toBe('later');
  await new Promise((resolve) => {
    server.close(resolve);
  });
});
