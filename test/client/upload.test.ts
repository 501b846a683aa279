import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { DOCUMENTS } from '../../src/client/documents.ts';
import { abandonUpload, type Progress, type Upload, uploadFile } from '../../src/client/upload.ts';
import { type FileShop, openFileShop } from '../support/file-shop.ts';
import { noise } from '../support/noise.ts';

const PART = 16 * 1_024 ** 2;
const BYTES = noise(3 * PART + 1_000);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

let shop: FileShop;
beforeAll(async () => {
  shop = await openFileShop();
});
afterAll(() => shop[Symbol.asyncDispose]());
afterEach(() => vi.restoreAllMocks());

const connection = () => ({ url: shop.url, token: shop.bearer });
/** The job that verifies is called once the client waits for it. */
const upload = async (facts: Partial<Upload> = {}) => {
  const told: Progress[] = [];
  let began = '';
  const onProgress = (progress: Progress) => {
    told.push(progress);
    facts.onProgress?.(progress);
    if (progress.phase === 'VERIFYING') void shop.verify(began);
  };
  const onBegin = (id: string) => {
    began = id;
    facts.onBegin?.(id);
  };
  const source = new Blob([BYTES as Uint8Array<ArrayBuffer>]);
  const done = await uploadFile(connection(), { name: 'big.bin', source, ...facts, onBegin, onProgress });
  return { ...done, told };
};

test('a file of Node is uploaded part by part, and its progress told up to READY', async () => {
  const path = join(shop.folder, 'big.bin');
  await writeFile(path, BYTES);
  const { id, sha256, told } = await upload({
    source: await openAsBlob(path),
    contentType: 'application/zip',
    sha256: SHA256,
  });
  expect(sha256).toBe(SHA256);
  expect(await shop.file(id)).toMatchObject({ name: 'big.bin', status: 'READY', size: String(BYTES.length) });
  const sent = told.filter(({ phase }) => phase === 'UPLOADING').map(({ bytes }) => bytes);
  expect(sent).toEqual([...sent].sort((a, b) => a - b));
  expect([sent.length, sent[0], sent.at(-1)]).toEqual([5, 0, BYTES.length]);
  expect(told.at(-1)).toEqual({ phase: 'READY', bytes: BYTES.length, of: BYTES.length });
});

test('a part that fails is sent again, and one that is refused is signed again', async () => {
  const receive = vi.spyOn(shop.local, 'receive');
  receive.mockRejectedValueOnce(new Error('The disk hiccupped.')).mockRejectedValueOnce(new Error('It did again.'));
  vi.spyOn(shop.local, 'admit').mockReturnValueOnce(null);
  expect(await upload()).toMatchObject({ sha256: SHA256 });
});

test('a Boon that does not answer for a moment is asked again', async () => {
  const { fetch } = globalThis;
  const missed = new Set<string>();
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const { documentId } = typeof init?.body === 'string' ? JSON.parse(init.body) : {};
    const isRead = [DOCUMENTS.FileUpload, DOCUMENTS.SignFileParts, DOCUMENTS.FileStatus].some(
      ({ id }) => id === documentId,
    );
    if (!isRead || missed.has(documentId)) return fetch(input, init);
    missed.add(documentId);
    throw new TypeError('fetch failed');
  });
  expect(await upload()).toMatchObject({ sha256: SHA256 });
  expect(missed.size).toBe(3);
});

test('one that was ended is resumed, and only what is missing is sent', async () => {
  const ending = new AbortController();
  let id = '';
  const ended = upload({
    parallel: 1,
    signal: ending.signal,
    onBegin: (begun) => {
      id = begun;
    },
    onProgress: ({ bytes }) => void (bytes >= PART && ending.abort()),
  });
  await expect(ended).rejects.toThrow('aborted');
  const receive = vi.spyOn(shop.local, 'receive');
  expect(await upload({ resume: id })).toMatchObject({ id, sha256: SHA256 });
  expect(receive.mock.calls.length).toBeLessThanOrEqual(3);
  expect(await upload({ resume: id })).toMatchObject({ id, sha256: SHA256 });
});

test('a new version replaces the one before', async () => {
  const { id } = await upload({ source: new Blob(['old']) });
  await upload({ source: new Blob(['new!']), replaces: id, note: 'Better' });
  expect(await shop.file(id)).toMatchObject({ version: 2, size: '4' });
});

test('what went wrong is said', async () => {
  await expect(upload({ source: new Blob(['x']), sha256: 'a'.repeat(64) })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('SHA-256'),
  });
  await expect(upload({ name: '' })).rejects.toMatchObject({ code: 'INVALID_INPUT', path: ['name'] });
  const { file } = await shop.announce(10);
  await abandonUpload(connection(), file.id);
  await expect(upload({ resume: file.id })).rejects.toMatchObject({ message: 'Its upload was given up.' });
});
