import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One change that was asked of the provider. */
export interface Write {
  method: 'PUT' | 'DELETE';
  room: string;
  account: string;
  level: number | null;
}

/** What goes wrong with a write: an answer without an effect, silence, an end without an answer, or that with an effect. */
export type Fault = { status: number; retryAfterSeconds?: number } | 'hangs' | 'breaks off' | 'does it and breaks off';

/** A third party that lets accounts into rooms at a level, as repositories have collaborators. */
export interface Provider extends AsyncDisposable {
  url: string;
  /** Who is in which room, at which level. */
  rooms: Map<string, Map<string, number>>;
  /** Every write that was asked for, in order, whatever became of it. */
  writes: Write[];
  /** Answers no question while it is away; what goes wrong with writes is said by `faults`. */
  away: boolean;
  /** What goes wrong with the next writes, one after the other. */
  faults: Fault[];
  /** Called when a write has taken effect, if it does, and before it is answered. */
  onWrite: (write: Write) => Promise<void> | void;
  /** The rooms of one account. */
  of(account: string): Record<string, number>;
}

export async function openProvider(): Promise<Provider> {
  const rooms = new Map<string, Map<string, number>>();
  const provider: Provider = {
    url: '',
    rooms,
    writes: [],
    away: false,
    faults: [],
    onWrite: () => {},
    of: (account) =>
      Object.fromEntries(
        [...rooms].flatMap(([room, levels]) =>
          [...levels].filter(([name]) => name === account).map(([, level]) => [room, level]),
        ),
      ),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((request, response) => {
    answer(provider, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return provider;
}

async function answer(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, room = '', account = ''] = (request.url ?? '').split('/').map(decodeURIComponent);
  const levels = provider.rooms.get(room) ?? new Map<string, number>();
  provider.rooms.set(room, levels);
  const { method } = request;
  if (method === 'GET' && provider.away) return send(response, 503, {});
  if (method === 'GET') return send(response, 200, { level: levels.get(account) ?? null });
  if (method !== 'PUT' && method !== 'DELETE') return send(response, 405, {});

  const level = method === 'PUT' ? ((await read(request)) as { level: number }).level : null;
  const write: Write = { method, room, account, level };
  provider.writes.push(write);
  const fault = provider.faults.shift();
  if (fault === undefined || fault === 'does it and breaks off') {
    if (level === null) levels.delete(account);
    else levels.set(account, level);
  }
  await provider.onWrite(write);
  if (fault === undefined) return send(response, 200, {});
  if (typeof fault === 'object') {
    if (fault.retryAfterSeconds) response.setHeader('retry-after', fault.retryAfterSeconds);
    return send(response, fault.status, {});
  }
  if (fault !== 'hangs') response.destroy();
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}
