import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Node, openNode } from '../support/node.ts';
import { post } from '../support/post.ts';

const EVENTS = 'subscription { eventAppended { id } }';

let node: Node;
let token: string;
beforeAll(async () => {
  node = await openNode({ patience: { listenersMs: 200 } });
  token = (await node.token()).token;
});
afterAll(() => node[Symbol.asyncDispose]());

/** A stream that is read only when one wants to. */
async function listen(query: string): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream', 'content-type': 'application/json' };
  const asked = request(`${node.url}/graphql`, { method: 'POST', headers }).end(JSON.stringify({ query }));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

test('a slow reader is cut off, and told that it can resume', async () => {
  const stream = await listen('subscription { eventAppended { cursor data } }');
  await vi.waitUntil(() => node.following() === 1);
  const data = { thing: { text: 'x'.repeat(100_000) } };
  for (let count = 0; count < 300; count++) await node.happen('thing.weighed', { data });
  await vi.waitUntil(() => node.following() === 0, 10_000);
  const text = String(Buffer.concat(await Array.fromAsync(stream)));
  expect(text.match(/event: next/g)?.length).toBeLessThan(300);
  expect(text).toContain('"code":"SLOW_CONSUMER"');
});

test('a client that breaks off leaves nothing behind', async () => {
  const stream = await listen(EVENTS);
  await vi.waitUntil(() => node.following() === 1);
  stream.destroy();
  await vi.waitUntil(() => node.following() === 0);
});

test('who cannot read a stream is told so, and leaves nothing behind', async () => {
  const { status } = await post(node.url, { query: EVENTS, token }, { accept: 'application/json' });
  expect(status).toBe(406);
  await vi.waitUntil(() => node.following() === 0);
});
