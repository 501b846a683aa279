import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { type WebSocket, WebSocketServer } from 'ws';

/** The least a live server can be: whoever names a topic is sent what Redis says there, as it stands. */
const [, , redisUrl = ''] = process.argv;
const redis = new Redis(redisUrl);
const listeners = new Map<string, Set<WebSocket>>();
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
redis.on('message', (topic, text) => {
  for (const socket of listeners.get(topic) ?? []) socket.send(text);
});

const server = createServer();
server.on('upgrade', (request, socket, head) =>
  sockets.handleUpgrade(request, socket, head, (client) => {
    client.once('message', async (data) => {
      const topic = String(data);
      const others = listeners.get(topic);
      if (others) others.add(client);
      else listeners.set(topic, new Set([client]));
      await redis.subscribe(topic);
      client.send('ready');
    });
  }),
);
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
