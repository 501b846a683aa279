import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { DOWNLOADS_PATH, openLinks } from '../domain/files/links.ts';
import type { Services } from '../graphql/context.ts';
import type { Bus } from '../platform/bus.ts';
import { STORAGE_PATH } from '../platform/storage/tickets.ts';
import { openDepartures } from './departures.ts';
import { openDocuments } from './documents.ts';
import { openEndpoint } from './endpoint.ts';
import { openDownloads } from './files/downloads.ts';
import { openStorageDoor } from './files/storage.ts';
import { openLane } from './lane.ts';
import { openListener, type Patience } from './listener.ts';
import { openPages } from './pages.ts';
import { readPersistedOperations } from './persisted.ts';
import { openSockets } from './socket.ts';
import { openUsage, USAGE_PATH } from './usage.ts';
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

export interface OpenServer extends AsyncDisposable {
  url: string;
}

const ENDPOINT = '/graphql';

/**
 * Everything one can reach: GraphQL over HTTP, server-sent events and WebSockets at `/graphql`, a page to try it on,
 * and health. Fails with the system's error, whose `code` tells why, when it cannot listen.
 */
export async function openServer(options: ServerOptions): Promise<OpenServer> {
  const { config, schema, bus, patience = {} } = options;
  const persisted = await readPersistedOperations();
  const { server, url, draining, drain } = await openListener(config, patience);
  const own = options.services.url || url;
  const means = { ...options.services.means, links: openLinks({ keyring: options.services.keyring, url: own }) };
  const services = { ...options.services, means, url: own };

  const closing = new AsyncDisposableStack();
  const doorkeeper = closing.use(openDoorkeeper(services));
  const departures = closing.use(openDepartures(services));
  const admit = openDocuments(schema, persisted);
  const parts = { schema, services, admit, doorkeeper, departures, draining, trustedProxies: config.trustedProxies };
  const lane = openLane({ schema, services, persisted, admit, draining });
  const answerGraphQL = openEndpoint({ ...parts, lane });
  const answerPage = openPages({ services, bus, persisted, draining, demo: config.demo });
  const answerDownload = openDownloads(services);
  const answerStorage = services.localStorage && openStorageDoor(services.localStorage);
  const answerUsage = openUsage({ services, doorkeeper, draining });
  const sockets = openSockets({ ...parts, ...(patience.pingMs && { pingMs: patience.pingMs }) });

  /** Whoever goes away in the middle of a file is no failure of ours. */
  const safely =
    (answer: typeof answerDownload) => async (request: IncomingMessage, response: ServerResponse, at: URL) => {
      try {
        await answer(request, response, at);
      } catch (error) {
        if (request.destroyed && !request.complete) return;
        if (response.headersSent) return void response.destroy();
        services.log.error('A file could not be served.', { path: at.pathname, error });
        response.writeHead(500, { 'content-length': 0 }).end();
      }
    };

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const at = locate(request);
    if (draining.aborted) response.setHeader('connection', 'close');
    if (at?.pathname === ENDPOINT) return void answerGraphQL(request, response, at);
    if (at?.pathname.startsWith(DOWNLOADS_PATH)) return void safely(answerDownload)(request, response, at);
    if (at?.pathname.startsWith(STORAGE_PATH) && answerStorage)
      return void safely(answerStorage)(request, response, at);
    if (at?.pathname === USAGE_PATH) return void answerUsage(request, response, at);
    void answerPage(request, response, at);
  });
  server.on('upgrade', (request, socket, head) => {
    const known = locate(request)?.pathname === ENDPOINT;
    if (known && !draining.aborted) sockets.upgrade(request, socket, head);
    else socket.end(`HTTP/1.1 ${known ? '503 Service Unavailable' : '404 Not Found'}\r\nConnection: close\r\n\r\n`);
  });

  return {
    url,
    async [Symbol.asyncDispose]() {
      await Promise.all([drain(), sockets[Symbol.asyncDispose]()]);
      await closing.disposeAsync();
    },
  };
}

function locate({ url = '/' }: IncomingMessage): URL | undefined {
  if (url === ENDPOINT) return PLAIN;
  const base = 'http://localhost';
  return URL.canParse(url, base) ? new URL(url, base) : undefined;
}

/** What nearly every request asks for. Nobody changes it. */
const PLAIN = new URL(ENDPOINT, 'http://localhost');
