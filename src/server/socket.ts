import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { FAREWELL, part } from './farewell.ts';
import { addressOf, requestIdOf } from './peer.ts';
import { openProtocol, type ProtocolOptions } from './socket-protocol.ts';

export interface Sockets extends AsyncDisposable {
  /** Takes over a connection that asks to become a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface SocketOptions extends ProtocolOptions {
  /** How often a client is asked whether it is still there, in milliseconds. */
  pingMs?: number;
  maxSockets?: number;
  trustedProxies: number;
}

const MAX_PAYLOAD_BYTES = 64 * 1024;
const MAX_SOCKETS = 10_000;
/** Proxies commonly close what is silent for a minute. Oftener than it takes is work for nothing, with ten thousand who listen. */
const PING_MS = 50_000;
/** Not everybody is asked at the same time: answering them all would keep everybody else waiting. */
const PING_TURNS = 30;
const FULL = 'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\n\r\n';

/** The WebSockets of this process. */
export function openSockets({
  pingMs = PING_MS,
  maxSockets = MAX_SOCKETS,
  trustedProxies,
  ...options
}: SocketOptions): Sockets {
  const { log } = options.services;
  const protocol = openProtocol(options);
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD_BYTES,
    perMessageDeflate: false,
    handleProtocols,
  });
  const unanswered = new WeakSet<WebSocket>();
  const turns = Array.from({ length: PING_TURNS }, () => new Set<WebSocket>());
  let accepted = 0;
  let turn = 0;

  const accept = (socket: WebSocket, request: IncomingMessage): void => {
    const gone = new AbortController();
    const requestId = requestIdOf(request);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => send(socket, text),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (hear) => {
          socket.on('message', (data) => {
            hear(String(data)).catch((error: unknown) => {
              log.error('A message could not be answered.', { requestId, error });
              part(socket, FAREWELL.tryAgain);
            });
          });
        },
      },
      {
        socket,
        requestId,
        address: addressOf(request, trustedProxies),
        viewer: { is: 'anonymous' },
        gone: gone.signal,
      },
    );
    const others = turns[accepted++ % PING_TURNS];
    others?.add(socket);
    socket.on('pong', () => unanswered.delete(socket));
    socket.on('error', (error) => log.debug('A socket broke.', { requestId, error }));
    socket.once('close', (code, reason) => {
      others?.delete(socket);
      gone.abort();
      closed(code, String(reason)).catch((error: unknown) =>
        log.error('A socket left something open.', { requestId, error }),
      );
    });
  };
  const ping = setInterval(() => {
    for (const socket of turns[turn++ % PING_TURNS] ?? []) {
      if (unanswered.has(socket)) socket.terminate();
      else if (socket.readyState === socket.OPEN) {
        unanswered.add(socket);
        socket.ping();
      }
    }
  }, pingMs / PING_TURNS);

  return {
    upgrade(request, socket, head) {
      if (server.clients.size >= maxSockets) socket.end(FULL);
      else server.handleUpgrade(request, socket, head, (client) => accept(client, request));
    },
    async [Symbol.asyncDispose]() {
      clearInterval(ping);
      const closed = [...server.clients].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      for (const socket of server.clients) part(socket, FAREWELL.goingAway);
      await Promise.all(closed);
      server.close();
    },
  };
}

/** Resolves when the text is on its way, so that a stream waits for whoever is slow to read. */
const send = (socket: WebSocket, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    if (socket.readyState !== socket.OPEN) return resolve();
    socket.send(text, (error) => (error ? reject(error) : resolve()));
  });
