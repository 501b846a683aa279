import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { addressOf, isAtThisMachine } from '../../src/server/peer.ts';

const request = (remoteAddress: string, headers: Record<string, string> = { host: '127.0.0.1:4000' }) =>
  ({ socket: { remoteAddress }, headers, httpVersion: '1.1' }) as unknown as IncomingMessage;

describe('somebody sits at this machine', () => {
  test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('when they come from %s', (address) => {
    expect(isAtThisMachine(request(address))).toBe(true);
  });
  test.each(['127.0.0.1', 'localhost:4000', 'LOCALHOST', '[::1]:4000'])('and call it %s', (host) => {
    expect(isAtThisMachine(request('127.0.0.1', { host }))).toBe(true);
  });
  test.each(['192.168.0.7', '172.17.0.1', '10.0.0.1', '203.0.113.9', '::ffff:10.0.0.1', 'fe80::1', ''])(
    'not when they come from %s',
    (address) => {
      expect(isAtThisMachine(request(address))).toBe(false);
    },
  );
  test.each(['evil.example', 'evil.example:4000', 'localhost.evil.example', '127.0.0.1.evil.example', ''])(
    'not when their browser calls it %j',
    (host) => {
      expect(isAtThisMachine(request('127.0.0.1', { host }))).toBe(false);
    },
  );
  test.each([
    'x-forwarded-for',
    'x-forwarded-host',
    'forwarded',
    'via',
    'x-real-ip',
    'cf-connecting-ip',
    'true-client-ip',
  ])('not when a proxy left %s', (name) => {
    expect(isAtThisMachine(request('127.0.0.1', { host: 'localhost', [name]: '127.0.0.1' }))).toBe(false);
  });
});

test('nor when they speak as a proxy does that says nothing of itself', () => {
  expect(isAtThisMachine({ ...request('127.0.0.1'), httpVersion: '1.0' } as IncomingMessage)).toBe(false);
});

describe('the address of a caller', () => {
  const from = (forwarded: string | undefined, trustedProxies: number) =>
    addressOf(
      request('::ffff:10.0.0.1', forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
      trustedProxies,
    );

  test('is where the connection comes from, whatever is said', () => {
    expect(from(undefined, 0)).toBe('10.0.0.1');
    expect(from('203.0.113.9', 0)).toBe('10.0.0.1');
    expect(from(undefined, 1)).toBe('10.0.0.1');
  });
  test('is what our own proxies say, and not what the caller told them', () => {
    expect(from('203.0.113.9', 1)).toBe('203.0.113.9');
    expect(from('1.1.1.1, 203.0.113.9', 1)).toBe('203.0.113.9');
    expect(from('1.1.1.1, 203.0.113.9, 10.0.0.2', 2)).toBe('203.0.113.9');
    expect(from('203.0.113.9', 2)).toBe('203.0.113.9');
  });
});
