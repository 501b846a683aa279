import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that can vanish: nobody answers then, and nobody is told. */
export interface Passage extends AsyncDisposable {
  /** The same address, through the passage. */
  url: string;
  /** The server hears that its callers are gone; they hear nothing, whatever they say. */
  shut(): void;
  /** Who calls anew gets through. Those who were there before are never answered again. */
  open(): void;
}

export async function openPassage(to: string): Promise<Passage> {
  const target = new URL(to);
  const callers = new Set<Socket>();
  const answerers = new Set<Socket>();
  let isShut = false;
  const server = createServer({ allowHalfOpen: true }, (caller) => {
    keep(caller, callers).resume();
    if (isShut) return;
    const answerer = keep(connect(Number(target.port), target.hostname), answerers);
    caller.on('data', (data) => answerer.write(data));
    answerer.on('data', (data) => caller.write(data));
    caller.on('close', () => answerer.destroy());
    answerer.on('close', () => isShut || caller.destroy());
  });
  const keep = (socket: Socket, among: Set<Socket>): Socket => {
    among.add(socket);
    return socket.on('error', () => {}).on('close', () => void among.delete(socket));
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(to);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: url.href,
    shut() {
      isShut = true;
      for (const socket of answerers) socket.destroy();
    },
    open() {
      isShut = false;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of [...callers, ...answerers]) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
