import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openKeyring } from '../../../src/lib/keyring.ts';
import { type LocalStorage, openLocalStorage } from '../../../src/platform/storage/local-storage.ts';
import { openStorageDoor } from '../../../src/server/files/storage.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { TEST_SECRET } from '../../support/secret.ts';
import { exercise } from '../exercise-storage.ts';

exercise('in a folder', openLocal);

let local: Awaited<ReturnType<typeof openLocal>>;
beforeAll(async () => {
  local = await openLocal();
});
afterAll(() => local[Symbol.asyncDispose]());

async function openLocal() {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await temporaryFolder());
  const storage: LocalStorage = await openLocalStorage({
    folder,
    keyring: openKeyring([TEST_SECRET]),
    clock: () => new Date(),
  });
  const door = openStorageDoor(storage);
  const server = createServer((request, response) => {
    door(request, response, new URL(request.url ?? '', 'http://localhost')).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const closing = stack.move();
  return { folder, storage, url, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

describe('the folder', () => {
  test.each(['../secret', '..', 'org/../../secret', '/etc/passwd', 'org//x', 'org/%2e%2e', 'org\\..\\x', ''])(
    'is never left: %j is no key',
    async (key) => {
      const { storage } = local;
      await expect(storage.begin(key, 'text/plain')).rejects.toThrow('no key of ours');
      await expect(storage.size(key)).rejects.toThrow('no key of ours');
      await expect(storage.remove(key)).rejects.toThrow('no key of ours');
    },
  );

  test('is not left by a URL that was not signed, however it is written', async () => {
    for (const path of [
      '/storage/../secret',
      '/storage/%2e%2e/%2e%2e/etc/passwd',
      '/storage/..%2f..%2fsecret?to=get&expires=9999999999&signature=x',
    ]) {
      expect((await fetch(`${local.url}${path}`)).status).toBe(403);
    }
  });

  test('keeps nothing of a part whose sender went away in the middle', async () => {
    const { storage, folder } = local;
    const upload = { key: 'org_x/fvr_broken', uploadId: await storage.begin('org_x/fvr_broken', 'text/plain') };
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('half of ');
        throw new Error('The connection broke.');
      })(),
    );
    await expect(storage.receive(upload, 1, broken)).rejects.toThrow('broke');
    expect(await storage.parts(upload)).toEqual([]);
    expect(await readdir(join(folder, 'drafts'))).toEqual([]);
  });

  test('gives whoever takes it slowly the same bytes as those who come meanwhile', async () => {
    const { storage, url } = local;
    // More than sockets hold, and no two places alike.
    const bytes = new Uint8Array(Uint32Array.from({ length: 6 * 1_024 ** 2 }, (_, index) => index).buffer);
    await storage.write('org_x/fvr_long', bytes, 'text/plain');
    const signed = await storage.signDownload('org_x/fvr_long', { name: 'a', contentType: 'text/plain', seconds: 60 });
    const from = 700_001;
    const whole = await fetch(new URL(signed, url));
    const tail = await fetch(new URL(signed, url), { headers: { range: `bytes=${from}-` } });
    const meanwhile = await (await fetch(new URL(signed, url))).arrayBuffer();
    for (const [answer, expected] of [
      [meanwhile, bytes],
      [await whole.arrayBuffer(), bytes],
      [await tail.arrayBuffer(), bytes.subarray(from)],
    ] as const)
      expect(Buffer.compare(new Uint8Array(answer), expected)).toBe(0);
  });

  test('does not take what is no object for one', async () => {
    await mkdir(join(local.folder, 'objects', 'org_x', 'fvr_half'), { recursive: true });
    expect(await local.storage.size('org_x/fvr_half')).toBeNull();
  });
});
