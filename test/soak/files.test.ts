import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { uploadFile } from '../../src/client/upload.ts';
import { openFileShop } from '../support/file-shop.ts';

const SIZE = 10 * 1_024 ** 3;
const PART = 16 * 1_024 ** 2;
/** Sender, server and verification are one process here. */
const MORE_MEMORY_BYTES = 400 * 1_024 ** 2;

test('10 GiB go up, are verified and come down part by part, in constant memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'boon-soak-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'source');
  await makeSparse(path);
  await using shop = await openFileShop({ folder: join(folder, 'files') });

  const before = process.memoryUsage.rss();
  let most = 0;
  const watching = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss() - before);
  }, 100);
  stack.defer(() => clearInterval(watching));

  let began = '';
  let verifying: Promise<void> | undefined;
  const { id, sha256 } = await uploadFile(
    { url: shop.url, token: shop.bearer },
    {
      source: await openAsBlob(path),
      name: 'ten gigabytes.bin',
      onBegin: (id) => {
        began = id;
      },
      onProgress: ({ phase }) => {
        if (phase === 'VERIFYING') verifying ??= shop.verify(began);
      },
    },
  );
  await verifying;
  const { customerId } = await shop.holder((await shop.benefit([id])).id);
  const [download] = await shop.downloads(customerId);
  const hash = createHash('sha256');
  for await (const chunk of (await fetch(download.url)).body ?? []) hash.update(chunk);
  expect(hash.digest('hex')).toBe(sha256);
  expect(most).toBeLessThan(MORE_MEMORY_BYTES);
});

/** A file that takes no room, of which no two parts are alike. */
async function makeSparse(path: string): Promise<void> {
  await using file = await open(path, 'w');
  await file.truncate(SIZE);
  for (let at = 0; at < SIZE; at += PART) await file.write(`part ${at}`, at + 5);
}
