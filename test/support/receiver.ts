import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Someone who is told things by HTTP. */
export interface Receiver extends AsyncDisposable {
  url: string;
  /** All it was told, in order of arrival. */
  received: Received[];
  /** Resolves when it has been told that many things. */
  hears(count: number): Promise<void>;
  /** Resolves when it has been told something of which this is so. */
  hearsOf(isIt: (received: Received) => boolean): Promise<void>;
}

export interface Received {
  method: string;
  path: string;
  headers: Record<string, string>;
  /** As it came, byte for byte. */
  body: Buffer;
}

/** Ends the response, or leaves it open for as long as it likes. */
export type Answering = (response: ServerResponse, received: Received, request: IncomingMessage) => void;

export const answer =
  (status: number, body = ''): Answering =>
  (response) =>
    void response.writeHead(status).end(body);

/** A real HTTP server that writes down what it hears and answers as the test says. */
export async function openReceiver(answering: Answering = answer(204)): Promise<Receiver> {
  const received: Received[] = [];
  const waiting = new Set<{ isOver: () => boolean; resolve: () => void }>();
  const until = async (isOver: () => boolean): Promise<void> => {
    if (isOver()) return;
    await new Promise<void>((resolve) => waiting.add({ isOver, resolve }));
  };
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const headers = request.headers as Record<string, string>;
    const one = { method: request.method ?? '', path: request.url ?? '', headers, body };
    received.push(one);
    answering(response, one, request);
    for (const { isOver, resolve } of waiting) if (isOver()) resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    hears: (count) => until(() => received.length >= count),
    hearsOf: (isIt) => until(() => received.some(isIt)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
