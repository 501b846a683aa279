import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { STORAGE_PATH } from '../platform/tickets.ts';
import { USAGE_PATH } from './usage.ts';

/** How long others may take, in milliseconds. */
export interface Patience {
  /** To send the headers of a request. */
  headersMs?: number;
  /** To send all of a request. */
  requestMs?: number;
  /** To answer whether they are still there. */
  pingMs?: number;
}

export interface Listener {
  server: Server;
  url: string;
  /** Aborts when the process is about to end. */
  draining: AbortSignal;
  /** Accepts nothing new, lets what is under way come to its end, and ends what does not. */
  drain(): Promise<void>;
}

const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
/** How often it is seen who takes longer. */
const CHECK_MS = 2_000;
/** Longer than load balancers usually keep a connection, so that they close it and not we. */
const KEEP_ALIVE_MS = 65_000;
/** How long requests under way may take to end when the process does. */
const DRAIN_MS = 6_000;

/** Fails with the system's error, whose `code` tells why, when it cannot listen. A `port` of 0 takes any free one. */
export async function openListener(
  { host, port }: { host: string; port: number },
  { headersMs = HEADERS_MS, requestMs = REQUEST_MS }: Patience,
): Promise<Listener> {
  const server = createServer({
    headersTimeout: headersMs,
    // Only what is short has to be sent within a time; files take theirs.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(CHECK_MS, headersMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  limitBodies(server, requestMs);
  const draining = new AbortController();
  const idle = watchIdle(server, draining.signal);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });

  return {
    server,
    url: urlOf(host, (server.address() as AddressInfo).port),
    draining: draining.signal,
    async drain() {
      const closed = new Promise((resolve) => server.close(resolve));
      draining.abort();
      for (const socket of idle) socket.destroy();
      const impatience = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      await closed;
      clearTimeout(impatience);
    },
  };
}

/** Ends requests whose bodies do not come to their end in time; those that carry files are watched where they go. */
function limitBodies(server: Server, requestMs: number): void {
  server.on('request', (request) => {
    const { method, headers, url = '', socket } = request;
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return;
    if ((method === 'PUT' && url.startsWith(STORAGE_PATH)) || url.startsWith(USAGE_PATH)) return;
    const timer = setTimeout(() => {
      if (!request.complete) socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
    }, requestMs);
    request.once('close', () => clearTimeout(timer));
  });
}

/** Connections on which nothing is under way. Node counts those that have not asked anything yet as busy. */
function watchIdle(server: Server, draining: AbortSignal): Set<Socket> {
  const idle = new Set<Socket>();
  server.on('connection', (socket) => {
    idle.add(socket);
    socket.once('close', () => idle.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    idle.delete(socket);
    response.once('close', () => {
      if (draining.aborted) socket.destroy();
      else if (!socket.destroyed) idle.add(socket);
    });
  });
  server.on('upgrade', ({ socket }) => idle.delete(socket));
  return idle;
}

function urlOf(host: string, port: number): string {
  const name = { '0.0.0.0': 'localhost', '::': 'localhost' }[host] ?? host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
