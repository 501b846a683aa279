import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { percentile } from '../support/numbers.ts';

/** What endpoints have heard: each by its own path, and what is dead never answers or always fails. */
export interface Heard {
  deliveries: number;
  outOfOrder: number;
  /** From the event to its arrival, in milliseconds. */
  p50: number;
  p99: number;
}

interface Endpoint {
  last: number;
  numbers: Set<number>;
}

let endpoints = new Map<string, Endpoint>();
let latencies: number[] = [];
let outOfOrder = 0;

const server = createServer(async (request, response) => {
  const path = request.url ?? '';
  if (path === '/heard') {
    const deliveries = [...endpoints.values()].reduce((sum, { numbers }) => sum + numbers.size, 0);
    const heard: Heard = { deliveries, outOfOrder, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
    return response.end(JSON.stringify(heard));
  }
  if (path === '/forget') {
    [endpoints, latencies, outOfOrder] = [new Map(), [], 0];
    return response.end();
  }
  const body = Buffer.concat(await request.toArray()).toString();
  if (path.startsWith('/silent')) return;
  if (path.startsWith('/failing')) return response.writeHead(500).end();
  const { timestamp, data } = JSON.parse(body);
  const endpoint = endpoints.get(path) ?? { last: 0, numbers: new Set() };
  endpoints.set(path, endpoint);
  if (!endpoint.numbers.has(data.number)) {
    if (data.number < endpoint.last) outOfOrder++;
    endpoint.last = data.number;
    endpoint.numbers.add(data.number);
    latencies.push(Date.now() - Date.parse(timestamp));
  }
  response.writeHead(204).end();
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
