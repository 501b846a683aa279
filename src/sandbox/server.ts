import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer } from './exchange.ts';
import type { Delivery, Incoming } from './provider.ts';

/** Answers what is below its own name: `/github/…`. */
export interface Host {
  take(incoming: Incoming): Promise<{ answer: Answer; delivery: Delivery } | null>;
}

/** A server on a port of the loopback address, with a host for each first part of a path; the one called '' has the rest. */
export async function openServer(port = 0) {
  const hosts = new Map<string, Host>();
  const server = createServer((request, response) => {
    serve(hosts, request, response).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    host: (name: string, host: Host) => void hosts.set(name, host),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(hosts: Map<string, Host>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const [, first = ''] = url.pathname.split('/');
  const named = first === '' ? undefined : hosts.get(first);
  const host = named ?? hosts.get('');
  const path = named ? url.pathname.slice(first.length + 1) : url.pathname;
  const { method = 'GET', headers } = request;
  const body = await read(request);
  const taken = await host?.take({ method, path, query: url.searchParams, headers, body });
  if (taken === null) return;
  const { answer, delivery } = taken ?? { answer: { status: 404 }, delivery: 'whole' };
  if (delivery === 'never') response.destroy();
  else send(response, answer, delivery);
}

function send(response: ServerResponse, { status, headers, body }: Answer, delivery: Delivery): void {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'object' ? { 'content-type': 'application/json; charset=utf-8' } : {};
  const length = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(text)) };
  response.writeHead(status, { ...type, ...length, ...headers });
  if (delivery === 'whole') response.end(text);
  else response.write(text.slice(0, Math.ceil(text.length / 2)), () => response.destroy());
}

async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  if (text === '') return undefined;
  if (request.headers['content-type']?.includes('x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
