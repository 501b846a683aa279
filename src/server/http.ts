import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GraphQLSchema } from 'graphql';
import type { Services } from '../graphql/context.ts';
import type { Bus } from '../platform/bus.ts';
import { openDepartures } from './departures.ts';
import { openDocuments } from './documents.ts';
import { openEndpoint } from './endpoint.ts';
import { openPages } from './pages.ts';
import { readPersistedOperations } from './persisted.ts';
import { openSockets } from './socket.ts';
import { openDoorkeeper } from './viewer.ts';

export interface ServerOptions {
  config: {
    host: string;
    /** 0 takes any free one. */
    port: number;
    /** How many proxies of one's own stand in front. */
    trustedProxies: number;
    /** Whether there is a demo organization to try things with. */
    demo: boolean;
  };
  schema: GraphQLSchema;
  services: Services;
  bus: Bus;
  patience?: Patience;
}

/** How long others may take, in milliseconds. */
export interface Patience {
  /** To send the headers of a request. */
  headersMs?: number;
  /** To send all of a request. */
  requestMs?: number;
  /** To answer whether they are still there. */
  pingMs?: number;
}

export interface OpenServer extends AsyncDisposable {
  url: string;
}

const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
/** How often it is seen who takes longer. */
const CHECK_MS = 2_000;
/** Longer than load balancers usually keep a connection, so that they close it and not we. */
const KEEP_ALIVE_MS = 65_000;
/** How long requests under way may take to end when the process does. */
const DRAIN_MS = 6_000;

/**
 * Everything one can reach: GraphQL over HTTP, server-sent events and WebSockets at `/graphql`, a page to try it on,
 * and health. Fails with the system's error, whose `code` tells why, when it cannot listen.
 */
export async function openServer({
  config,
  schema,
  services: given,
  bus,
  patience = {},
}: ServerOptions): Promise<OpenServer> {
  const { headersMs = HEADERS_MS, requestMs = REQUEST_MS, pingMs } = patience;
  await using stack = new AsyncDisposableStack();
  const persisted = await readPersistedOperations();
  const server = createServer({
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(CHECK_MS, headersMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  const url = await listen(server, config);
  const draining = stack.adopt(new AbortController(), (controller) => drain(server, controller));

  const services = { ...given, url: given.url || url };
  const parts = {
    schema,
    services,
    admit: openDocuments(schema, persisted),
    doorkeeper: stack.use(openDoorkeeper(services)),
    departures: stack.use(openDepartures(services)),
    trustedProxies: config.trustedProxies,
    draining: draining.signal,
  };
  const answerGraphQL = openEndpoint(parts);
  const answerPage = openPages({ services, bus, persisted, demo: config.demo, draining: draining.signal });
  const sockets = stack.use(openSockets({ ...parts, ...(pingMs && { pingMs }) }));

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const at = locate(request);
    if (draining.signal.aborted) response.setHeader('connection', 'close');
    void (at?.pathname === '/graphql' ? answerGraphQL(request, response, at) : answerPage(request, response, at));
  });
  server.on('upgrade', (request, socket, head) => {
    const known = locate(request)?.pathname === '/graphql';
    if (known && !draining.signal.aborted) sockets.upgrade(request, socket, head);
    else socket.end(`HTTP/1.1 ${known ? '503 Service Unavailable' : '404 Not Found'}\r\nConnection: close\r\n\r\n`);
  });
  const closing = stack.move();
  return { url, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  const name = { '0.0.0.0': 'localhost', '::': 'localhost' }[host] ?? host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${taken}`;
}

/** Accepts nothing new, lets what is under way come to its end, and ends what does not. */
async function drain(server: Server, draining: AbortController): Promise<void> {
  draining.abort();
  const impatience = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(impatience);
}

function locate({ url = '/' }: IncomingMessage): URL | undefined {
  const base = 'http://localhost';
  return URL.canParse(url, base) ? new URL(url, base) : undefined;
}
