import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLicenseLimits } from '../../src/domain/licenses/limits.ts';
import { openLog } from '../../src/platform/log.ts';
import { openRateLimiters } from '../../src/platform/rate-limiter.ts';
import { readPersistedOperations } from '../../src/server/persisted.ts';
import { openNode } from '../support/node.ts';
import { sellKey } from '../support/sold-key.ts';

/** No time passes: nothing comes in again while a slow machine asks. */
const limiters = openRateLimiters({ log: openLog('silent'), now: () => 1 });
const persisted = await readPersistedOperations();
let node: Awaited<ReturnType<typeof openNode>>;
let keys: string[];
let token: string;

beforeAll(async () => {
  node = await openNode({ limits: openLicenseLimits(limiters), trustedProxies: 1 });
  keys = [(await sellKey(node)).key, (await sellKey(node)).key];
  token = (await node.token()).token;
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await limiters[Symbol.asyncDispose]();
});

const ask = (query: string, address: string, headers: object = {}) =>
  fetch(`${node.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address, ...headers },
    body: JSON.stringify({ query }),
  });
const field = (key: string, alias = 'a') => `${alias}: validateLicenseKey(input: { key: "${key}" }) { code }`;
const fields = (key: string, count: number) =>
  `{ ${Array.from({ length: count }, (_, at) => field(key, `a${at}`)).join(' ')} }`;
const codes = async (response: Response) => {
  const { errors = [] } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return errors.map(({ extensions }) => extensions.code);
};

describe('who asks without a token is limited', () => {
  test('by key: each field counts, and 429 says when to come back', async () => {
    const within = await ask(fields(keys[0] ?? '', 50), '10.0.0.1');
    expect([within.status, await codes(within)]).toEqual([200, []]);
    const beyond = await ask(`{ ${field(keys[0] ?? '')} }`, '10.0.0.2');
    expect(beyond.status).toBe(429);
    expect(Number(beyond.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await codes(beyond)).toEqual(['RATE_LIMITED']);
    const documentIds = await fetch(`${node.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        extensions: { persistedQuery: { sha256Hash: await hashOf('ValidateLicenseKey') } },
        variables: { input: { key: keys[0] } },
      }),
    });
    expect(documentIds.status).toBe(429);
    expect(Number(documentIds.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  });

  test('by address: a miss costs five', async () => {
    for (let guess = 0; guess < 20; guess++)
      expect((await ask(`{ ${field(`GUESS-${guess}`)} }`, '10.0.1.1')).status).toBe(200);
    expect((await ask(`{ ${field(keys[1] ?? '')} }`, '10.0.1.1')).status).toBe(429);
    expect((await ask(`{ ${field(keys[1] ?? '')} }`, '10.0.1.2')).status).toBe(200);
  });

  test('by network, where whoever has one address of IPv6 has all others of it', async () => {
    for (let guess = 0; guess < 20; guess++) await ask(`{ ${field(`GUESS-${guess}`)} }`, `2001:db8:0:1::${guess + 1}`);
    expect((await ask(`{ ${field(keys[1] ?? '')} }`, '2001:db8::1:8:7:6:5')).status).toBe(429);
    expect((await ask(`{ ${field(keys[1] ?? '')} }`, '2001:db8:0:2::1')).status).toBe(200);
  });

  test('whatever they do with it', async () => {
    const address = '10.0.2.1';
    for (let guess = 0; guess < 20; guess++) await ask(`{ ${field(`GUESS-${guess}`)} }`, address);
    const mutations = [
      'activateLicenseKey(input: { key: "A", label: "B" }) { __typename }',
      'deactivateLicenseKey(input: { activationId: "A" }) { __typename }',
      'consumeLicenseKey(input: { key: "A", units: 1 }) { code }',
      'checkoutLicenseKey(input: { key: "A" }) { __typename }',
    ];
    for (const mutation of mutations)
      expect(await codes(await ask(`mutation { ${mutation} }`, address))).toEqual(['RATE_LIMITED']);
  });

  test('and who has a token is not', async () => {
    const answer = await ask(fields(keys[1] ?? '', 90), '10.0.3.1', { authorization: `Bearer ${token}` });
    expect(answer.status).toBe(200);
  });
});

async function hashOf(name: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(persisted.named(name) ?? ''));
  return Buffer.from(digest).toString('hex');
}
