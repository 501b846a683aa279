import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { openMemoryBus } from '../../src/platform/bus-memory.ts';
import { openServer } from '../../src/server/http.ts';
import { overEvents } from '../support/listen.ts';
import { openNode } from '../support/node.ts';
import { post, send } from '../support/post.ts';
import { schemaOf } from '../support/schema.ts';

test('what is under way is answered, what is new is not taken, and nobody idle is waited for', async () => {
  const node = await openNode();
  const { token } = await node.token();
  const { hostname, port } = new URL(node.url);
  const silent = connect(Number(port), hostname);
  await post(node.url, { query: '{ __typename }' });
  const { lookUpEach } = node.database;
  const held = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  vi.spyOn(node.database, 'lookUpEach').mockImplementation(async (wanted) => {
    if (wanted.name === 'access-token') {
      reached.resolve();
      await held.promise;
    }
    return lookUpEach(wanted) as never;
  });
  const underWay = post(node.url, { query: '{ currentOrganization { name } }', token });
  await reached.promise;
  const closing = node[Symbol.asyncDispose]();
  await expect(send(node.url, {}, '/health/live')).rejects.toThrow();
  held.resolve();
  const { status, headers } = await underWay;
  expect([status, headers.get('connection')]).toEqual([200, 'close']);
  const startedAt = performance.now();
  await closing;
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  silent.destroy();
});

test('streams of events are broken off, so that whoever listens comes back elsewhere', async () => {
  const node = await openNode();
  const { token } = await node.token();
  const stream = overEvents(node.url, token, 'subscription { eventAppended { id } }');
  const next = stream.next();
  await expect.poll(() => node.following()).toBe(1);
  const closing = node[Symbol.asyncDispose]();
  await expect(next).rejects.toThrow();
  await closing;
});

test('a taken port is an error that says so', async () => {
  await using node = await openNode();
  const config = { host: '127.0.0.1', port: Number(new URL(node.url).port), trustedProxies: 0, demo: false };
  const opening = openServer({ config, schema: schemaOf(node.kinds), services: node, bus: openMemoryBus() });
  await expect(opening).rejects.toMatchObject({ code: 'EADDRINUSE', port: config.port });
});
