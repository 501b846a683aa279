import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { newSigningSecret, signatureHeaders } from '../../src/lib/signature.ts';

const message = { id: 'evt_1', sentAt: new Date(), body: '{"a":"ü\\n"}' };

test('secrets are as stock libraries expect them, and never the same', () => {
  expect(newSigningSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(newSigningSecret()).not.toBe(newSigningSecret());
});

test('a stock library verifies what is signed', () => {
  const secret = newSigningSecret();
  expect(new Webhook(secret).verify(message.body, signatureHeaders([secret], message))).toEqual({ a: 'ü\n' });
});

test('it is signed under the bytes that the secret spells, and under its text', () => {
  const secret = newSigningSecret();
  const { 'webhook-signature': signatures, 'webhook-timestamp': timestamp } = signatureHeaders([secret], message);
  const under = (key: Buffer) =>
    `v1,${createHmac('sha256', key).update(`evt_1.${timestamp}.${message.body}`).digest('base64')}`;
  expect(signatures?.split(' ')).toEqual([
    under(Buffer.from(secret.slice('whsec_'.length), 'base64')),
    under(Buffer.from(secret)),
  ]);
});

test('with two secrets, whoever has either of them verifies it, and nobody else', () => {
  const [fresh, old] = [newSigningSecret(), newSigningSecret()];
  const headers = signatureHeaders([fresh, old], message);
  for (const secret of [fresh, old]) expect(() => new Webhook(secret).verify(message.body, headers)).not.toThrow();
  expect(() => new Webhook(newSigningSecret()).verify(message.body, headers)).toThrow();
});

test.each([
  ['body', (text: string) => ({ body: `${text} `, id: 'evt_1' })],
  ['id', (text: string) => ({ body: text, id: 'evt_2' })],
])('another %s does not verify', (_, forge) => {
  const secret = newSigningSecret();
  const { body, id } = forge(message.body);
  const headers = { ...signatureHeaders([secret], message), 'webhook-id': id };
  expect(() => new Webhook(secret).verify(body, headers)).toThrow();
});
