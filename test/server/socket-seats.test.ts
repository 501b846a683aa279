import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openLog } from '../../src/platform/log.ts';
import { openSockets } from '../../src/server/socket.ts';

test('more sockets than a process has seats for are refused with 503, until somebody leaves', async () => {
  const sockets = openSockets({ services: { log: openLog('silent') }, maxSockets: 2 } as Parameters<
    typeof openSockets
  >[0]);
  const server = createServer().on('upgrade', sockets.upgrade);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connect = () => new WebSocket(url, 'graphql-transport-ws');
  const seated = [connect(), connect()];
  await Promise.all(seated.map((socket) => once(socket, 'open')));
  const refused = connect();
  refused.on('error', () => {});
  const [, response] = await once(refused, 'unexpected-response');
  expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '5']);
  refused.terminate();
  seated[0]?.close();
  await expect
    .poll(async () => {
      const next = connect();
      const isSeated = once(next, 'open').then(() => true);
      return Promise.race([isSeated, once(next, 'unexpected-response').then(() => false)]).catch(() => false);
    })
    .toBe(true);
  await sockets[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
});
