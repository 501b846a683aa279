import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Node, openNode } from '../support/node.ts';
import { post } from '../support/post.ts';

const EVENTS = 'subscription { eventAppended { id } }';
/** Long enough for whoever reads at all. */
const SLOW_MS = 1_500;
/** So many events of half a megabyte do not fit into what the system holds for a connection. */
const WEIGHTY = 50;

let node: Node;
let token: string;
beforeAll(async () => {
  node = await openNode({ patience: { listenersMs: SLOW_MS } });
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
  await expect.poll(() => node.following()).toBe(1);
  const data = { thing: { text: 'x'.repeat(500_000) } };
  for (let count = 0; count < WEIGHTY; count++) await node.happen('thing.weighed', { data });
  await expect.poll(() => node.following()).toBe(0);
  const text = String(Buffer.concat(await Array.fromAsync(stream)));
  expect(text.match(/event: next/g)?.length).toBeLessThan(WEIGHTY);
  expect(text).toContain('"code":"SLOW_CONSUMER"');
});

test('a client that breaks off leaves nothing behind', async () => {
  const stream = await listen(EVENTS);
  await expect.poll(() => node.following()).toBe(1);
  stream.destroy();
  await expect.poll(() => node.following()).toBe(0);
});

test('who cannot read a stream is told so, and leaves nothing behind', async () => {
  const { status, body } = await post(node.url, { query: EVENTS, token }, { accept: 'application/json' });
  expect([status, body.errors[0].message]).toEqual([406, expect.stringContaining('text/event-stream')]);
  await expect.poll(() => node.following()).toBe(0);
});
