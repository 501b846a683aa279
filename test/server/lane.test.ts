import { randomUUID } from 'node:crypto';
import { request as send } from 'node:http';
import { GraphQLError } from 'graphql';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readPersistedOperations } from '../../src/server/persisted.ts';
import { openNode } from '../support/node.ts';
import { sellKey } from '../support/sold-key.ts';

let node: Awaited<ReturnType<typeof openNode>>;
let sold: Awaited<ReturnType<typeof sellKey>>;
let headers: Record<string, string>;
const persisted = await readPersistedOperations();

beforeAll(async () => {
  node = await openNode();
  sold = await sellKey(node, { limitUsage: 5, activations: { limit: 1 } });
  headers = { authorization: `Bearer ${(await node.token()).token}` };
});
afterAll(() => node[Symbol.asyncDispose]());

interface Told {
  status?: number;
  headers: object;
  body: string;
}

/** Sends exactly this; the answer without what differs each time. */
function post(body: object, headers: Record<string, string> = {}): Promise<Told> {
  const { promise, resolve, reject } = Promise.withResolvers<Told>();
  const id = randomUUID();
  const options = { method: 'POST', headers: { 'content-type': 'application/json', 'x-request-id': id, ...headers } };
  send(`${node.url}/graphql`, options, async (response) => {
    const chunks = await Array.fromAsync(response);
    const { date: _, 'x-request-id': sameId, ...rest } = response.headers;
    expect(sameId).toBe(id);
    resolve({
      status: response.statusCode,
      headers: rest,
      body: Buffer.concat(chunks).toString().replaceAll(id, 'id'),
    });
  })
    .on('error', reject)
    .end(JSON.stringify(body));
  return promise;
}

/** The same operation by its hash, the short way, and by its text from a client that accepts more than is ordinary, the long way. */
async function both(name: string, variables: object, headers: Record<string, string> = {}): Promise<[Told, Told]> {
  const text = persisted.named(name) ?? '';
  const documentId = `sha256:${await sha256(text)}`;
  const accept = `${headers.accept ?? '*/*'}, text/unheard-of`;
  return [
    await post({ documentId, variables }, headers),
    await post({ query: text, variables }, { ...headers, accept }),
  ];
}

async function sha256(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex');
}

const VALIDATIONS: [string, () => object][] = [
  ['a valid key', () => ({ input: { key: sold.key } })],
  ['a key nobody has', () => ({ input: { key: 'NOBODY-HAS-THIS' } })],
  ['an activation that is not there', () => ({ input: { key: sold.key, activationId: 'act_0' } })],
  ['another customer', () => ({ input: { key: sold.key, customerId: 'cus_0' } })],
  ['no variables', () => ({})],
  ['a variable of the wrong type', () => ({ input: { key: 1 } })],
  ['a field that does not exist', () => ({ input: { key: sold.key, other: true } })],
  ['text no database keeps', () => ({ input: { key: 'a\0b' } })],
  ['conditions that are none', () => ({ input: { key: sold.key, conditions: { a: { b: 1 } } } })],
];

describe('the short way answers byte for byte as the long one', () => {
  test.each(VALIDATIONS)('%s', async (_what, variables) => {
    const [short, long] = await both('ValidateLicenseKey', variables());
    expect(short).toEqual(long);
  });

  test.each([undefined, '*/*', 'application/json', 'application/graphql-response+json'])(
    'whoever accepts %s',
    async (accept) => {
      const asked: Record<string, string> = accept ? { accept } : {};
      for (const input of [{ key: sold.key }, {}]) {
        const [short, long] = await both('ValidateLicenseKey', { input }, asked);
        expect(short).toEqual(long);
      }
    },
  );

  test.each(['text/html', 'text/plain'])('whoever accepts nothing but %s is told what there is', async (accept) => {
    const documentId = `sha256:${await sha256(persisted.named('ValidateLicenseKey') ?? '')}`;
    const told = await post({ documentId, variables: { input: { key: sold.key } } }, { accept });
    expect(told).toMatchObject({ status: 406, body: expect.stringContaining('Accept application/json') });
  });

  test('a refused consumption, and a mistake in one', async () => {
    for (const units of [9, 0]) {
      const [short, long] = await both('ConsumeLicenseKey', { input: { key: sold.key, units } });
      expect(short).toEqual(long);
    }
  });

  test('more calls than are allowed, and a failure of ours', async () => {
    const spy = vi.spyOn(node.licenses, 'validate');
    const refusal = new GraphQLError('Too many.', { extensions: { code: 'RATE_LIMITED', http: { status: 429 } } });
    for (const error of [refusal, new Error('broken')]) {
      spy.mockRejectedValueOnce(error).mockRejectedValueOnce(error);
      const [short, long] = await both('ValidateLicenseKey', { input: { key: sold.key } });
      expect(short).toEqual(long);
    }
  });

  test('an operation of the merchant, with a token, without one and with a wrong one', async () => {
    for (const asked of [headers, {}, { authorization: 'Bearer boon_at_wrong' }]) {
      const [short, long] = await both('BenefitGrants', { first: 100 }, asked);
      expect(short).toEqual(long);
      const [one, other] = await both('BenefitGrants', { first: 101 }, asked);
      expect(one).toEqual(other);
    }
  });
});

describe('a document from anyone takes the short way too, within the same limits', () => {
  const AD_HOC =
    'query Held($first: Int) { customers(first: $first) { edges { node { id grants { edges { node { id } } } } } } }';
  test.each([
    ['what is sound', { query: AD_HOC, variables: { first: 2 } }],
    ['a page that is too long', { query: AD_HOC, variables: { first: 101 } }],
    ['too many aliases', { query: `{ ${Array.from({ length: 200 }, (_, n) => `a${n}: __typename`).join(' ')} }` }],
    ['a field that is not there', { query: '{ nothing }' }],
    ['what is no document', { query: '{' }],
    ['an operation that is not there', { query: AD_HOC, operationName: 'Other' }],
    ['nothing', {}],
    ['a live stream', { query: 'subscription { eventAppended(after: "none") { cursor } }' }],
  ])('%s', async (_what, body) => {
    const short = await post(body, headers);
    expect(short).toEqual(await post(body, { ...headers, accept: '*/*, text/unheard-of' }));
  });
});

test('a change that came over the short way is done once', async () => {
  const documentId = `sha256:${await sha256(persisted.named('ConsumeLicenseKey') ?? '')}`;
  const told = await post({ documentId, variables: { input: { key: sold.key, units: 2 } } });
  expect(JSON.parse(told.body).data.consumeLicenseKey).toEqual({ valid: true, code: 'VALID', usage: 2, limitUsage: 5 });
});
