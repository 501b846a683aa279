import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import type { Services } from '../graphql/context.ts';
import { requestError, toGraphQLError, unauthenticated } from '../graphql/errors.ts';
import type { Log } from '../platform/log.ts';
import { readAsked, UnreadableError } from './asked.ts';
import type { Departures } from './departures.ts';
import { type Lane, marksOf } from './lane.ts';
import { openContext } from './live-context.ts';
import { addressOf, requestIdOf } from './peer.ts';
import { bearerToken, type Doorkeeper } from './viewer.ts';
import { openYoga } from './yoga.ts';

export interface EndpointOptions {
  schema: GraphQLSchema;
  services: Services;
  doorkeeper: Doorkeeper;
  departures: Departures;
  lane: Lane;
  trustedProxies: number;
  /** Aborts when the process is about to end. */
  draining: AbortSignal;
}

export type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

const PREFLIGHT_SECONDS = 86_400;
const NOT_ACCEPTABLE =
  'Accept application/json or application/graphql-response+json; for a subscription, text/event-stream.';
/** How long somebody too slow may take to read why they are cut off. */
const SLOW_FAREWELL_MS = 15_000;

/** `/graphql` over HTTP: from bytes to an operation and back. */
export function openEndpoint({
  schema,
  services,
  doorkeeper,
  departures,
  lane,
  trustedProxies,
  draining,
}: EndpointOptions): Answer {
  const execute = openYoga(schema);
  const { log } = services;

  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    requestId: string,
  ): Promise<void> => {
    const asked = await readAsked(request, url);
    const viewer = await doorkeeper.identify(bearerToken(request.headers.authorization));
    if (viewer.is === 'refused') {
      mark(response, requestId);
      const why = viewer.because === 'expired' ? 'This token has expired.' : 'This token is not known, or no longer.';
      return fail(response, 401, unauthenticated(why), { 'www-authenticate': 'Bearer' });
    }
    const from = { viewer, requestId, address: addressOf(request, trustedProxies) };
    const admission = lane.admit(request, asked);
    const told = lane.takes(request, admission) ? await lane.answer(response, admission, from) : undefined;
    if (told === null) return;
    mark(response, requestId);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const ending = {
      signal: gone.signal,
      onSlow: () => void setTimeout(() => response.destroy(), SLOW_FAREWELL_MS).unref(),
    };
    const context = told?.context ?? openContext(services, from, ending);
    const { status, headers, body } = await execute(request, response, {
      admission,
      context,
      answer: told?.answer,
      onBroken: () => response.destroy(),
    });
    if (status === 406) return fail(response, status, requestError('BAD_USER_INPUT', NOT_ACCEPTABLE));
    response.statusCode = status;
    for (const [name, value] of headers) if (name !== 'content-encoding') response.setHeader(name, value);
    if (draining.aborted) response.setHeader('connection', 'close');
    if (!body) return void response.end();
    if (!headers.get('content-type')?.startsWith('text/event-stream')) return void response.end(await text(body));

    // A stream that merely ended would look finished; one that breaks is taken up again.
    const end = () => response.destroy();
    const unwatch = departures.watch(viewer, end);
    gone.signal.addEventListener('abort', unwatch);
    draining.addEventListener('abort', end);
    await pour(body, response, gone.signal).catch(end);
    draining.removeEventListener('abort', end);
  };

  return async (request, response, url) => {
    const requestId = requestIdOf(request);
    if (log.says('debug')) noteAnswer(log, request, response, requestId);
    if (request.method !== 'POST') mark(response, requestId);
    if (request.method === 'OPTIONS') return preflight(request, response);
    if (isSomebodyLooking(request, url)) return void response.writeHead(303, { location: '/graphiql' }).end();
    if (request.method !== 'GET' && request.method !== 'POST') {
      return fail(response, 405, requestError('BAD_USER_INPUT', 'Ask with GET or POST.'), {
        allow: 'GET, POST, OPTIONS',
      });
    }
    try {
      await answer(request, response, url, requestId);
    } catch (error) {
      if (response.destroyed) return;
      mark(response, requestId);
      if (error instanceof UnreadableError)
        fail(response, error.status, requestError('BAD_USER_INPUT', error.message), { connection: 'close' });
      else fail(response, 500, toGraphQLError(error, requestId, log));
    }
  };
}

/** What every answer carries; the short way writes it by itself. */
function mark(response: ServerResponse, requestId: string): void {
  if (response.headersSent) return;
  const marks = marksOf(requestId);
  for (let at = 0; at < marks.length; at += 2) response.setHeader(marks[at] ?? '', marks[at + 1] ?? '');
}

function noteAnswer(log: Log, { method }: IncomingMessage, response: ServerResponse, requestId: string): void {
  const startedAt = performance.now();
  response.once('close', () => {
    const ms = Math.round(performance.now() - startedAt);
    log.debug('Answered.', { requestId, method, status: response.statusCode, ms });
  });
}

/** CORS for every origin: a token is sent by hand, never by a browser on its own. */
function preflight({ headers }: IncomingMessage, response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': String(headers['access-control-request-headers'] ?? 'authorization, content-type'),
    'access-control-max-age': String(PREFLIGHT_SECONDS),
  });
  response.end();
}

const isSomebodyLooking = ({ method, headers }: IncomingMessage, { search }: URL): boolean =>
  method === 'GET' && search === '' && headers.accept?.includes('text/html') === true;

function fail(
  response: ServerResponse,
  status: number,
  error: GraphQLError,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify({ errors: [error] }));
}

/** As fast as the other side reads, and no faster. */
async function pour(body: ReadableStream<Uint8Array>, response: ServerResponse, gone: AbortSignal): Promise<void> {
  for await (const chunk of body) {
    if (!response.write(chunk)) await once(response, 'drain', { signal: gone });
  }
  response.end();
}

async function text(body: ReadableStream<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(body));
}
