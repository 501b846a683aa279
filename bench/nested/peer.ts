import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Connections to PostgreSQL: as many as Boon takes. */
export const POOL = 12;

/** Where the data lies and what opens the keys in it; handed over by whoever starts a peer. */
export function readArguments() {
  const [databaseUrl = '', secret = '', organizationId = ''] = process.argv.slice(2);
  return { databaseUrl, secret, organizationId };
}

/** Says where it listens, so that whoever started it knows that it is ready. */
export async function announce(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
}
