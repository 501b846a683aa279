import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Services } from '../graphql/context.ts';
import type { Bus } from '../platform/bus.ts';
import { openPlayground } from './graphiql.ts';
import { openMailsPage } from './mails.ts';
import { openOAuth } from './oauth.ts';
import { isAtThisMachine } from './peer.ts';
import type { PersistedOperations } from './persisted.ts';
import { openWellKnown } from './well-known.ts';

export interface PagesOptions {
  services: Services;
  bus: Bus;
  persisted: PersistedOperations;
  demo: boolean;
  draining: AbortSignal;
}

/** The database answers within this time, or this process is not ready. */
const READY_MS = 2_000;
const HTML = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** What is not GraphQL: a word of welcome, the page to try things on, and health. */
export function openPages({ services, bus, persisted, demo, draining }: PagesOptions) {
  const playground = openPlayground(services, { persisted, demo });
  const showMails = openMailsPage(services, demo);

  const isReady = async (): Promise<boolean> => {
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(false), READY_MS);
    const answers = services.database.read('ready', 'SELECT 1', []).then(
      () => true,
      () => false,
    );
    return Promise.race([answers, late.promise]).finally(() => clearTimeout(timer));
  };
  const pages: Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>> = {
    ...openWellKnown(services),
    ...openOAuth(services),
    '/': async (_request, response) => void response.writeHead(200, HTML).end(WELCOME),
    '/graphiql': async (request, response) => {
      const page = await (isAtThisMachine(request) ? playground.forThisMachine() : playground.forEveryone());
      response.writeHead(200, { ...HTML, 'content-encoding': 'gzip' }).end(page);
    },
    '/mails': async (request, response) => {
      if (!(await showMails(request, response))) json(response, 404, { status: 'not found' });
    },
    '/health/live': async (_request, response) => json(response, 200, { status: 'live' }),
    '/health/ready': async (_request, response) => {
      const database = await isReady();
      const ready = database && !draining.aborted;
      // Without the bus news come a second later; that is no reason to send nobody here.
      json(response, ready ? 200 : 503, {
        status: ready ? 'ready' : 'not ready',
        database: up(database),
        bus: up(bus.isUp()),
      });
    },
  };

  return async (request: IncomingMessage, response: ServerResponse, url: URL | undefined): Promise<void> => {
    try {
      const page = url && pages[url.pathname];
      if (!page) json(response, 404, { status: 'not found' });
      else if (request.method !== 'GET' && request.method !== 'HEAD') json(response, 405, { status: 'only GET' });
      else await page(request, response);
    } catch (error) {
      services.log.error('A page failed.', { path: url?.pathname, error });
      json(response, 500, { status: 'failed' });
    }
  };
}

const up = (is: boolean): string => (is ? 'up' : 'down');

function json(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

const WELCOME = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Boon</title>
<style>body { font: 1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem }</style>
<h1>Boon</h1>
<p>Benefits that follow subscriptions, orders and refunds by themselves.</p>
<ul>
<li><a href="/graphiql">GraphiQL</a>, to try the API</li>
<li><a href="/mails">Mails</a> that were written</li>
<li><code>/graphql</code>, the API: HTTP, server-sent events, WebSocket</li>
<li><a href="/health/ready">Health</a></li>
</ul>
</html>
`;
