import { once } from 'node:events';
import { WebSocket } from 'ws';
import { percentile } from '../support/numbers.ts';

/** What the audience is asked: to open sockets that each say their lines one after the other, or what it has heard. */
export type Request = { open: { url: string; protocol?: string; lines: readonly (readonly string[])[] } } | 'heard';

export interface Heard {
  events: number;
  /** From the event to its arrival, in milliseconds. */
  p50: number;
  p99: number;
}

const AT_ONCE = 50;
const OCCURRED = /"occurredAt":"([^"]+)"/;

/** Everybody who listens, in a process of its own. */
let latencies: number[] = [];

process.on('message', async (request: Request) => {
  if (request === 'heard') {
    const heard: Heard = {
      events: latencies.length,
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
    };
    return process.send?.(heard);
  }
  latencies = [];
  const { url, protocol, lines } = request.open;
  for (let from = 0; from < lines.length; from += AT_ONCE) {
    await Promise.all(lines.slice(from, from + AT_ONCE).map((said) => listen(url, protocol, said)));
  }
  process.send?.('open');
});

/** Says the first line, and each other one when the one before is answered. */
async function listen(url: string, protocol: string | undefined, [first = '', ...others]: readonly string[]) {
  const socket = new WebSocket(url.replace('http', 'ws'), protocol ?? [], { perMessageDeflate: false });
  await once(socket, 'open');
  socket.on('close', (code, reason) => {
    throw new Error(`A socket was closed: ${code} ${reason}`);
  });
  socket.send(first);
  await once(socket, 'message');
  for (const line of others) socket.send(line);
  socket.on('message', (data) => {
    const occurredAt = OCCURRED.exec(String(data))?.[1];
    if (occurredAt) latencies.push(Date.now() - Date.parse(occurredAt));
  });
}
