import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { STORAGE_PATH } from '../platform/storage/tickets.ts';
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
    // Whoever would rather speak another protocol, such as HTTP/2, is answered in the one they asked in.
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
  });
  const draining = new AbortController();
  const exchanges = watchExchanges(server);
  const patience = setInterval(() => endSlowBodies(exchanges, requestMs), Math.min(CHECK_MS, requestMs)).unref();
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
      clearInterval(patience);
      for (const [socket, exchange] of exchanges) {
        if (!exchange || exchange.response.closed) socket.destroy();
        else exchange.response.once('close', () => socket.destroy());
      }
      const impatience = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      await closed;
      clearTimeout(impatience);
    },
  };
}

/** What was asked last over a connection. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  since: number;
}

/**
 * Every connection, with its latest exchange; null where nothing has been asked yet, which Node counts as busy. A note
 * for each request and no more: timers and listeners of its own would take as long as a good part of its answer.
 */
function watchExchanges(server: Server): Map<Socket, Exchange | null> {
  const exchanges = new Map<Socket, Exchange | null>();
  server.on('connection', (socket) => {
    exchanges.set(socket, null);
    socket.once('close', () => exchanges.delete(socket));
  });
  server.on('request', (request, response) => {
    if (exchanges.has(request.socket)) exchanges.set(request.socket, { request, response, since: performance.now() });
  });
  server.on('upgrade', ({ socket }) => exchanges.delete(socket as Socket));
  return exchanges;
}

/** Ends requests whose bodies do not come to their end in time; those that carry files are watched where they go. */
function endSlowBodies(exchanges: ReadonlyMap<Socket, Exchange | null>, requestMs: number): void {
  for (const [socket, exchange] of exchanges) {
    if (!exchange || exchange.request.complete || performance.now() - exchange.since < requestMs) continue;
    const { method, url = '' } = exchange.request;
    if ((method === 'PUT' && url.startsWith(STORAGE_PATH)) || url.startsWith(USAGE_PATH)) continue;
    socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
  }
}

function urlOf(host: string, port: number): string {
  const name = { '0.0.0.0': 'localhost', '::': 'localhost' }[host] ?? host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
