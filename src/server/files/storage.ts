import type { IncomingMessage, ServerResponse } from 'node:http';
import { attachment } from '../../lib/disposition.ts';
import { MINUTE_MS } from '../../lib/time.ts';
import type { LocalStorage } from '../../platform/storage/local-storage.ts';
import { rangeOf } from './ranges.ts';

/** Whoever sends or takes nothing for so long is gone. */
const IDLE_MS = MINUTE_MS;
const MOST_PART_BYTES = 5 * 1_024 ** 3;
const PREFLIGHT_SECONDS = 86_400;

/** The folder of files over HTTP, for whoever holds a signed URL; browsers of every origin may use one. */
export function openStorageDoor(storage: LocalStorage) {
  const put = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const ticket = storage.admit('PUT', url);
    if (ticket?.to !== 'put') return refuse(response, 403, 'This URL was not signed here, or has expired.');
    const length = Number(request.headers['content-length'] ?? Number.NaN);
    if (Number.isNaN(length)) return refuse(response, 411, 'Say how long the part is: content-length.');
    if (length > MOST_PART_BYTES) return refuse(response, 413, 'A part may have at most 5 GiB.');
    request.setTimeout(IDLE_MS, () => request.destroy());
    const etag = await storage.receive(ticket, ticket.number, request);
    if (!etag) return refuse(response, 404, 'There is no such upload, or no longer.');
    response.writeHead(200, { etag, 'content-length': 0 }).end();
  };

  const get = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const ticket = storage.admit(request.method ?? '', url);
    if (ticket?.to !== 'get') return refuse(response, 403, 'This URL was not signed here, or has expired.');
    const object = await storage.open(ticket.key);
    if (!object) return refuse(response, 404, 'This file is gone.');
    const { size, etag, modifiedAt } = object;
    const range = rangeOf(request.headers, { size, etag, modifiedAt });
    const headers = {
      etag,
      'last-modified': modifiedAt.toUTCString(),
      'accept-ranges': 'bytes',
      'content-type': ticket.type,
      'content-disposition': attachment(ticket.name),
      'cache-control': 'private, no-store',
      // What merchants upload is not ours to run on this origin.
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
    };
    if (range === 'unsatisfiable') {
      response.writeHead(416, { 'content-range': `bytes */${size}`, 'content-length': 0 }).end();
      return;
    }
    const [start, end] = range ?? [0, size - 1];
    const part = range && { 'content-range': `bytes ${start}-${end}/${size}` };
    response.writeHead(range ? 206 : 200, { ...headers, ...part, 'content-length': end - start + 1 });
    if (request.method === 'HEAD') return void response.end();
    response.setTimeout(IDLE_MS, () => response.destroy());
    for await (const chunk of object.read(start, end)) await send(response, chunk);
    response.end();
  };

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'etag, content-range, content-length, content-disposition');
    if (request.method === 'OPTIONS') return preflight(request, response);
    if (request.method === 'PUT') return put(request, response, url);
    if (request.method === 'GET' || request.method === 'HEAD') return get(request, response, url);
    response.setHeader('allow', 'GET, HEAD, PUT, OPTIONS');
    return refuse(response, 405, 'Only GET, HEAD and PUT.');
  };
}

/** Resolves when the bytes have left, so that others may take their place in memory. Rejects when nobody takes them. */
function send(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const lose = () => reject(new Error('Whoever asked for this file went away.'));
    response.once('close', lose);
    response.write(chunk, (error) => {
      response.off('close', lose);
      if (error) reject(error);
      else resolve();
    });
  });
}

function preflight({ headers }: IncomingMessage, response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, HEAD, PUT',
    'access-control-allow-headers': String(headers['access-control-request-headers'] ?? 'content-type'),
    'access-control-max-age': String(PREFLIGHT_SECONDS),
  });
  response.end();
}

/** A body that nobody will read is not waited for. */
function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${message}\n`);
}
