import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Node, openNode } from '../support/node.ts';
import { openSocket } from '../support/socket.ts';

const PING_MS = 3_000;

let node: Node;
let token: string;
beforeAll(async () => {
  node = await openNode();
  token = (await node.token()).token;
});
afterEach(() => void vi.useRealTimers());
afterAll(() => node[Symbol.asyncDispose]());

/** A node that pings when it is told to. */
const openStrict = () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  return openNode({ of: node, patience: { pingMs: PING_MS } });
};

test('a client that does not answer a ping is let go, with all it had subscribed to', async () => {
  await using strict = await openStrict();
  const { hear, subscribe, closed } = await openSocket(strict.url, { token }, { autoPong: false });
  await hear('connection_ack');
  subscribe('subscription { eventAppended { id } }');
  await expect.poll(() => strict.following()).toBe(1);
  vi.advanceTimersByTime(2 * PING_MS);
  expect((await closed).code).toBe(1006);
  await expect.poll(() => strict.following()).toBe(0);
});

test('one that answers stays', async () => {
  await using strict = await openStrict();
  const { hear, say, socket } = await openSocket(strict.url, { token });
  await hear('connection_ack');
  for (let pings = 0; pings < 5; pings++) {
    const pinged = once(socket, 'ping');
    vi.advanceTimersByTime(PING_MS);
    await pinged;
    say({ type: 'ping' });
    expect(await hear('pong')).toEqual({ type: 'pong' });
  }
  socket.close();
});
