import autocannon from 'autocannon';
import type { Load } from './load.ts';

/** That one connection is made ready to send. */
const MOST_REQUESTS = 2_000;

/** The process `measure` starts: it has a core's worth of work of its own and must not share a thread with anyone. */
process.once('message', async ({ url, headers, bodies, connections, seconds }: Load) => {
  const requests = bodies.map((body) => ({ method: 'POST', headers, body }));
  let clients = 0;
  const {
    requests: answered,
    latency,
    non2xx,
    errors,
  } = await autocannon({
    url,
    connections,
    duration: seconds,
    // Each connection gets its own below; these would be made ready for every one of them.
    requests: requests.slice(0, 1),
    setupClient(client: { setRequests(requests: object[]): void }) {
      const first = Math.floor((clients++ * requests.length) / connections);
      // Of very many each connection gets its share: making them all ready for all of them would take longer than asking.
      const share = requests.length > MOST_REQUESTS ? requests.length / connections : requests.length;
      client.setRequests([...requests.slice(first), ...requests.slice(0, first)].slice(0, share));
    },
  });
  process.send?.(
    non2xx || errors
      ? { failed: `${non2xx} answers were not 200 and ${errors} did not come.` }
      : { perSecond: answered.total / seconds, p50: latency.p50, p99: latency.p99 },
  );
});
