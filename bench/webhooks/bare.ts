import { Agent, request } from 'undici';
import { newSigningSecret, signatureHeaders } from '../../src/lib/signature.ts';

export interface Posting {
  url: string;
  body: string;
  endpoints: number;
  events: number;
}

export interface Posted {
  seconds: number;
  /** Of this process, in seconds. */
  cpu: number;
}

const AT_ONCE = 100;

process.once('message', async ({ url, body, endpoints, events }: Posting) => {
  const dispatcher = new Agent({ connections: AT_ONCE });
  const secret = newSigningSecret();
  const begun = performance.now();
  const before = process.cpuUsage();
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const { user, system } = process.cpuUsage(before);
  const posted: Posted = { seconds: (performance.now() - begun) / 1_000, cpu: (user + system) / 1e6 };
  process.send?.(posted, () => process.exit());

  /** Goes to one endpoint after the other, and tells each all there is. */
  async function work(): Promise<void> {
    for (let endpoint = next++; endpoint < endpoints; endpoint = next++) {
      for (let number = 1; number <= events; number++) {
        const signed = signatureHeaders([secret], { id: `evt_${number}`, sentAt: new Date(), body });
        const headers = { 'content-type': 'application/json', ...signed };
        const answer = await request(`${url}/bare/${endpoint}`, { dispatcher, method: 'POST', headers, body });
        await answer.body.dump();
        if (answer.statusCode !== 204) throw new Error(`It answered ${answer.statusCode}.`);
      }
    }
  }
});
