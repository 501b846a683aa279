import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { HOUR_MS } from '../../src/lib/time.ts';
import { type Node, openNode } from '../support/node.ts';
import { post, send } from '../support/post.ts';

let node: Node;
let token: string;
beforeAll(async () => {
  node = await openNode();
  token = (await node.token()).token;
});
afterAll(() => node[Symbol.asyncDispose]());

const ME = '{ currentOrganization { name } }';
const CREATE = 'mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { __typename } }';

test('a query is answered', async () => {
  const { status, body } = await post(node.url, { query: ME, token });
  expect([status, body]).toEqual([200, { data: { currentOrganization: { name: 'Acme' } } }]);
});

test('a query in the URL is answered; a mutation there is refused', async () => {
  const authorization = `Bearer ${token}`;
  const asked = new URLSearchParams({
    query: 'query ($id: ID!) { node(id: $id) { id } }',
    variables: '{"id":"cus_1"}',
  });
  const answered = await send(node.url, { headers: { authorization } }, `/graphql?${asked}`);
  expect([answered.status, answered.body]).toEqual([200, { data: { node: null } }]);
  const input = { email: 'by-get@example.com' };
  const refused = new URLSearchParams({ query: CREATE, variables: JSON.stringify({ input }) });
  const { status, headers, body } = await send(node.url, { headers: { authorization } }, `/graphql?${refused}`);
  expect([status, headers.get('allow'), body.errors[0].extensions.code]).toEqual([405, 'POST', 'BAD_USER_INPUT']);
  expect(await node.database.prisma.customer.count({ where: input })).toBe(0);
});

describe('persisted operations', () => {
  const text = async () => {
    const manifest = JSON.parse(await readFile('persisted-operations.json', 'utf8')) as Record<string, string>;
    return (
      Object.entries(manifest).find(([, operation]) => operation.startsWith('query ValidateLicenseKey')) ?? ['', '']
    );
  };
  const variables = { input: { key: 'BOON-SECRET-KEY' } };
  const answer = { data: { validateLicenseKey: expect.objectContaining({ valid: false, code: 'NOT_FOUND' }) } };

  test('are answered by documentId and the way Apollo asks, over POST and GET, without their text', async () => {
    const [documentId] = await text();
    const extensions = { persistedQuery: { version: 1, sha256Hash: documentId.replace('sha256:', '') } };
    const inUrl = (fields: Record<string, unknown>) =>
      new URLSearchParams(
        Object.entries(fields).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]),
      );
    const replies = [
      await post(node.url, { documentId, variables }),
      await post(node.url, { extensions, variables }),
      await send(node.url, {}, `/graphql?${inUrl({ documentId, variables })}`),
      await send(node.url, {}, `/graphql?${inUrl({ extensions, variables })}`),
    ];
    for (const { status, body } of replies) expect([status, body]).toEqual([200, answer]);
  });

  test('that are not known are refused in a word', async () => {
    const sha256Hash = createHash('sha256').update('something else').digest('hex');
    const { body } = await post(node.url, { extensions: { persistedQuery: { version: 1, sha256Hash } }, query: ME });
    expect(body.errors[0].extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND');
  });

  test('keys are not logged', async () => {
    await post(node.url, { documentId: (await text())[0], variables });
    await expect.poll(() => node.lines.join('')).toContain('Answered');
    expect(node.lines.join('')).not.toContain('SECRET-KEY');
  });
});

describe('who asks', () => {
  const refusal = {
    status: 401,
    body: { errors: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } }] },
  };
  const ask = async (authorization: string) => {
    const { status, body } = await send(node.url, { body: JSON.stringify({ query: ME }), headers: { authorization } });
    return { status, body };
  };

  test('without a token one is anonymous: let in, and to what is public', async () => {
    const { status, body } = await post(node.url, { query: ME });
    expect([status, body.errors[0].extensions.code]).toEqual([200, 'UNAUTHENTICATED']);
    expect((await post(node.url, { query: '{ __typename }' })).body).toEqual({ data: { __typename: 'Query' } });
  });

  const BAD = {
    'no token at all': 'Bearer',
    'another scheme': 'Basic dXNlcjpwYXNz',
    'a word': 'Bearer x',
    'an access token nobody has': 'Bearer boon_at_x',
    'a session nobody has': 'Bearer boon_cs_x',
    'a very long token': `Bearer boon_at_${'x'.repeat(5_000)}`,
  };
  test.each(Object.entries(BAD))('%s is refused', async (_what, authorization) => {
    expect(await ask(authorization)).toEqual(refusal);
  });

  test('an expired and a revoked token are refused', async () => {
    const expired = await node.token({ expiresAt: new Date(Date.now() + HOUR_MS) });
    const revoked = await node.token();
    await node.database.prisma.accessToken.update({ where: { id: expired.id }, data: { expiresAt: new Date(0) } });
    await node.database.prisma.accessToken.update({ where: { id: revoked.id }, data: { revokedAt: new Date() } });
    for (const { token } of [expired, revoked]) expect(await ask(`Bearer ${token}`)).toEqual(refusal);
  });

  test("another organization's token sees and changes nothing here", async () => {
    const customer = await node.customer();
    const other = await node.newOrganization('Other');
    const { token } = await node.token({ organizationId: other.id });
    const query = 'query ($by: CustomerBy!) { customer(by: $by) { id } }';
    expect((await post(node.url, { query, token, variables: { by: { id: customer.id } } })).body).toEqual({
      data: { customer: null },
    });
    const update = 'mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { __typename } }';
    const { body } = await post(node.url, {
      query: update,
      token,
      variables: { input: { id: customer.id, name: 'Mine' } },
    });
    expect(body).toEqual({ data: { updateCustomer: { __typename: 'NotFoundError' } } });
    expect((await node.database.prisma.customer.findUnique({ where: { id: customer.id } }))?.name).toBe('Ada');
  });
});

describe('bad input', () => {
  const aliases = `{ ${Array.from({ length: 10_000 }, (_, index) => `a${index}: __typename`).join(' ')} }`;
  const deep = `{ ${'a {'.repeat(100)} a ${'}'.repeat(100)} }`;
  const CASES: Record<string, [status: number, code: string, init: RequestInit, path?: string]> = {
    'malformed JSON': [400, 'BAD_USER_INPUT', { body: '{"query": "{ __typename' }],
    'an empty body': [400, 'BAD_USER_INPUT', { body: '' }],
    'a body that is no object': [400, 'BAD_USER_INPUT', { body: '"{ __typename }"' }],
    null: [400, 'BAD_USER_INPUT', { body: 'null' }],
    'a batch': [400, 'BAD_USER_INPUT', { body: '[{"query":"{ __typename }"}]' }],
    'a query that is no text': [400, 'BAD_USER_INPUT', { body: '{"query":{}}' }],
    'variables that are no object': [400, 'BAD_USER_INPUT', { body: '{"query":"{ __typename }","variables":[]}' }],
    'malformed variables in the URL': [400, 'BAD_USER_INPUT', {}, '/graphql?query={__typename}&variables={'],
    'bytes that are no text': [400, 'BAD_USER_INPUT', { body: new Uint8Array([0xff, 0xfe, 0x00, 0xc3]) }],
    'JSON nested a hundred thousand deep': [
      400,
      'BAD_USER_INPUT',
      { body: `{"query":"{ __typename }","variables":${'['.repeat(100_000)}${']'.repeat(100_000)}}` },
    ],
    'a form': [
      415,
      'BAD_USER_INPUT',
      { body: 'query={__typename}', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
    'a multipart form': [
      415,
      'BAD_USER_INPUT',
      { body: '--x', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
    ],
    'plain text': [
      415,
      'BAD_USER_INPUT',
      { body: '{"query":"{ __typename }"}', headers: { 'content-type': 'text/plain' } },
    ],
    'a body of 5 MB': [
      413,
      'BAD_USER_INPUT',
      { body: JSON.stringify({ query: '{ __typename }', variables: { text: 'x'.repeat(5_000_000) } }) },
    ],
    'another method': [405, 'BAD_USER_INPUT', { method: 'PUT', body: '{}' }],
    'nothing to execute': [200, 'BAD_USER_INPUT', { body: '{}' }],
    'a syntax error': [200, 'BAD_USER_INPUT', { body: JSON.stringify({ query: '{ customers(' }) }],
    'a field that is not there': [200, 'BAD_USER_INPUT', { body: JSON.stringify({ query: '{ nothing }' }) }],
    'a variable of another type': [
      200,
      'BAD_USER_INPUT',
      { body: JSON.stringify({ query: 'query ($id: ID!) { node(id: $id) { id } }', variables: { id: {} } }) },
    ],
    '10,000 aliases': [200, 'QUERY_TOO_COMPLEX', { body: JSON.stringify({ query: aliases }) }],
    '100 levels': [200, 'QUERY_TOO_COMPLEX', { body: JSON.stringify({ query: deep }) }],
  };
  test.each(Object.entries(CASES))('%s is a typed answer', async (_what, [status, code, init, path]) => {
    const reply = await send(node.url, init, path);
    expect([reply.status, reply.body.errors?.[0].extensions.code]).toEqual([status, code]);
    expect(reply.body.data).toBeUndefined();
  });

  test('clients that ask for it are told by the status as well', async () => {
    const accept = 'application/graphql-response+json';
    const headers = { accept };
    const wrong = await send(node.url, { body: JSON.stringify({ query: '{ nothing }' }), headers });
    expect([wrong.status, wrong.headers.get('content-type')]).toEqual([400, `${accept}; charset=utf-8`]);
    const right = await send(node.url, { body: JSON.stringify({ query: '{ __typename }' }), headers });
    expect([right.status, right.headers.get('content-type')]).toEqual([200, `${accept}; charset=utf-8`]);
  });

  test('what nobody can answer in is not acceptable, and is no failure', async () => {
    const { status, body } = await send(node.url, {
      body: JSON.stringify({ query: '{ __typename }' }),
      headers: { accept: 'image/png' },
    });
    expect([status, body.errors[0].extensions.code]).toEqual([406, 'BAD_USER_INPUT']);
  });

  test('a body under the limit is taken, whatever it is full of', async () => {
    const query = `{ __typename } # ${'é'.repeat(400_000)}`;
    expect((await post(node.url, { query })).body).toEqual({ data: { __typename: 'Query' } });
  });

  test('nothing of all this was logged as a failure of ours', () => {
    expect(node.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});

describe('a failure on our side', () => {
  test('is masked, and found in the log by the id the answer carries', async () => {
    vi.spyOn(node.database, 'lookUpEach').mockRejectedValueOnce(new Error('password of the database: hunter2'));
    const { status, headers, body } = await post(node.url, { query: ME, token }, { 'x-request-id': 'my-request-1' });
    expect([status, headers.get('x-request-id')]).toEqual([500, 'my-request-1']);
    expect(body.errors[0].extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId: 'my-request-1' });
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(node.lines.find((line) => line.includes('hunter2'))).toContain('my-request-1');
  });
});

describe('headers', () => {
  test('an id for each request; the caller’s own when it is a plain one', async () => {
    const idFor = async (given?: string) =>
      (await post(node.url, { query: '{ __typename }' }, given ? { 'x-request-id': given } : {})).headers.get(
        'x-request-id',
      );
    expect(await idFor('abc-123.DEF_456')).toBe('abc-123.DEF_456');
    for (const given of [undefined, 'short', 'x'.repeat(65), 'with space in it', '<script>alert(1)</script>']) {
      expect(await idFor(given)).toMatch(/^req_[0-9a-f]{32}$/);
    }
  });

  test('any origin may ask, without credentials', async () => {
    const preflight = await send(node.url, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,content-type');
    for (const reply of [
      await post(node.url, { query: ME }),
      await send(node.url, { body: '{' }),
      await post(node.url, { query: ME, token: 'x' }),
    ]) {
      expect(reply.headers.get('access-control-allow-origin')).toBe('*');
      expect(reply.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });
});

describe('pages', () => {
  test('health: it lives, and it is ready when the database answers', async () => {
    expect((await send(node.url, {}, '/health/live')).status).toBe(200);
    const ready = await send(node.url, {}, '/health/ready');
    expect([ready.status, ready.body]).toEqual([200, { status: 'ready', database: 'up', bus: 'up' }]);
    vi.spyOn(node.database, 'read').mockRejectedValueOnce(new Error('away'));
    const unready = await send(node.url, {}, '/health/ready');
    expect([unready.status, unready.body.database]).toEqual([503, 'down']);
  });

  test('a browser is welcomed, shown where to go, and led from /graphql to the page to try it on', async () => {
    const welcome = await send(node.url, {}, '/');
    expect(welcome.body).toContain('href="/graphiql"');
    const { status, headers } = await send(node.url, { headers: { accept: 'text/html,*/*' } });
    expect([status, headers.get('location')]).toEqual([303, '/graphiql']);
  });

  test('what is not there is not found', async () => {
    for (const path of ['/nothing', '/graphql/x', '//', '/constructor'])
      expect((await send(node.url, {}, path)).status).toBe(404);
  });
});
