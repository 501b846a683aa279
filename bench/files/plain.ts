import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Plain Node in a process of its own, that writes what it is sent and sends what is there. */
export async function startPlain(folder: string, source: string): Promise<{ url: string } & Disposable> {
  const child = spawn(process.execPath, [import.meta.filename, folder, source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return { url: String(line).trim(), [Symbol.dispose]: () => void child.kill() };
}

if (import.meta.main) {
  const [folder = '', source = ''] = process.argv.slice(2);
  const options = { highWaterMark: 1_048_576 };
  let received = 0;
  const server = createServer(async (request, response) => {
    try {
      if (request.method === 'PUT') {
        // A file of its own each time: one that is written over never has to reach the disk.
        await pipeline(request, createWriteStream(join(folder, `plain-${++received}`), options));
        response.end();
        return;
      }
      response.setHeader('content-length', (await stat(source)).size);
      await pipeline(createReadStream(source, options), response);
    } catch {
      response.destroy();
    }
  });
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
}
