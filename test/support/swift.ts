import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from '../../src/platform/free-port.ts';
import type { S3Settings } from '../../src/providers/s3.ts';
import { temporaryFolder } from './folder.ts';

const SCRIPT = fileURLToPath(new URL('swift-s3.sh', import.meta.url));
const PORTS = ['S3_PORT', 'ACCOUNT_PORT', 'CONTAINER_PORT', 'OBJECT_PORT', 'MEMCACHED_PORT'];

export interface Swift extends AsyncDisposable {
  settings: S3Settings;
  /** Breaks every connection and takes no new one, until it is mended. */
  cut(): void;
  mend(): void;
}

/** Somebody else's S3 service with an empty bucket. It takes four seconds: only files that need it start it. */
export async function openSwift(): Promise<Swift> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder('boon-swift-'));
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const port of PORTS) env[port] = String(await freePort());
  // Whatever becomes of the tests, it ends with them.
  const server = spawn('setpriv', ['--pdeathsig', 'TERM', SCRIPT, folder.path], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(server, 'exit');
  stack.defer(async () => {
    server.kill('SIGTERM');
    await ended;
  });
  const said = new Map<string, string>();
  for await (const line of createInterface({ input: server.stdout })) {
    if (line === '# READY') break;
    const at = line.indexOf('=');
    said.set(line.slice(0, at), line.slice(at + 1));
  }
  if (said.size === 0) throw new Error('Swift did not start; its last words stand above.');
  const line = stack.use(await openLine(Number(env.S3_PORT)));
  const settings: S3Settings = {
    bucket: 'files',
    endpoint: line.url,
    region: said.get('S3_REGION') ?? '',
    accessKeyId: said.get('S3_ACCESS_KEY_ID') ?? '',
    secretAccessKey: said.get('S3_SECRET_ACCESS_KEY') ?? '',
    forcePathStyle: true,
  };
  const { bucket: Bucket, accessKeyId, secretAccessKey, ...rest } = settings;
  const client = new S3Client({ ...rest, credentials: { accessKeyId, secretAccessKey } });
  await client.send(new CreateBucketCommand({ Bucket }));
  client.destroy();
  const closing = stack.move();
  return {
    settings,
    cut: line.cut,
    mend: line.mend,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** A line to a port of this machine that can be cut. */
async function openLine(port: number) {
  const open = new Set<Socket>();
  const relay = createServer((socket) => {
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [socket, far],
      [far, socket],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy()).on('close', () => open.delete(one) && other.destroy());
      one.pipe(other);
    }
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const { port: at } = relay.address() as AddressInfo;
  const cut = () => {
    relay.close();
    for (const socket of open) socket.destroy();
  };
  return { url: `http://127.0.0.1:${at}`, cut, mend: () => void relay.listen(at, '127.0.0.1'), [Symbol.dispose]: cut };
}
