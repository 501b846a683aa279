import { type IncomingMessage, request } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedDemo } from '../../src/benefits/demo.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type Node, openNode } from '../support/node.ts';
import { post, send } from '../support/post.ts';

let database: TestDatabase;
let node: Node;
beforeAll(async () => {
  database = await testDatabase();
  const fresh = { databaseUrl: database.url, organizationId: '', time: { now: null } };
  node = await openNode({ of: fresh, demo: true });
  await seedDemo(
    node.means,
    node.transaction,
    node.kinds.filter(({ account }) => !account),
  );
});
afterAll(async () => {
  await node[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const TOKEN = /boon_at_[\w-]{43}/;
/** The page as a client asks for it that may say anything about itself. */
const page = async (headers: Record<string, string> = {}): Promise<string> => {
  const asked = request(`${node.url}/graphiql`, { headers }).end();
  const answer = await new Promise<IncomingMessage>((resolve) => asked.once('response', resolve));
  return String(await promisify(gunzip)(Buffer.concat(await Array.fromAsync(answer))));
};

test('at this machine the page has a token in it that works, and operations that can be run', async () => {
  const html = await page();
  const [token = ''] = TOKEN.exec(html) ?? [];
  expect((await post(node.url, { query: '{ currentOrganization { name } }', token })).body).toEqual({
    data: { currentOrganization: { name: 'Acme' } },
  });
  const options = JSON.parse(
    /renderYogaGraphiQL\(\s*window.document.querySelector\('#root'\),\s*(\{.*\}),?\s*\)/.exec(html)?.[1] ?? '{}',
  );
  expect(options.defaultTabs.length).toBeGreaterThan(3);
  for (const { query, variables } of options.defaultTabs) {
    if (query.startsWith('subscription')) continue;
    const { body } = await post(node.url, { query, variables: JSON.parse(variables), token });
    expect(body.errors, query).toBeUndefined();
    for (const answer of Object.values(body.data as Record<string, { __typename?: string } | null>)) {
      expect(answer).not.toBeNull();
      expect(answer?.__typename ?? '').not.toMatch(/Error$/);
    }
  }
});

test('the page keeps its token while that is good', async () => {
  const [first, second] = [TOKEN.exec(await page())?.[0], TOKEN.exec(await page())?.[0]];
  expect(second).toBe(first);
});

const ELSEWHERE: Record<string, string>[] = [
  { host: 'evil.example' },
  { 'x-forwarded-for': '127.0.0.1' },
  { via: '1.1 proxy' },
];
test.each(ELSEWHERE)('elsewhere it has none: %j', async (headers) => {
  const html = await page(headers);
  expect(html).toContain('GraphiQL');
  expect(html).not.toMatch(TOKEN);
});

test('it loads nothing from anywhere else, is kept by nobody, and shown in nobody’s frame', async () => {
  expect(await page()).not.toMatch(/<(script|link|img)[^>]+(src|href)="https?:/);
  const { headers } = await send(node.url, {}, '/graphiql');
  expect([headers.get('cache-control'), headers.get('content-security-policy')]).toEqual([
    'no-store',
    "frame-ancestors 'none'",
  ]);
  expect(headers.get('access-control-allow-origin')).toBeNull();
});
