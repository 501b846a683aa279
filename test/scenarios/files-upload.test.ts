import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as files from '../../src/domain/files/files.ts';
import { free, sweep } from '../../src/domain/files/sweeping.ts';
import { keyOf } from '../../src/domain/files/uploads.ts';
import { verify } from '../../src/domain/files/verification.ts';
import { used } from '../../src/domain/files/versions.ts';
import { DAY_MS } from '../../src/lib/time.ts';
import { type FileShop, openFileShop } from '../support/file-shop.ts';
import { overEvents, overSocket } from '../support/listen.ts';
import { noise } from '../support/noise.ts';

let shop: FileShop;
beforeAll(async () => {
  shop = await openFileShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

const PART = 16 * 1_024 ** 2;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const eventsOf = async (subjectId: string) =>
  (await shop.database.prisma.event.findMany({ where: { subjectId }, orderBy: { sequence: 'asc' } })).map(
    ({ type }) => type,
  );
/** Announced and put there, not completed. */
const uploaded = async (bytes: Uint8Array, facts: object = {}) => {
  const { file, upload } = await shop.announce(bytes.length, facts);
  return { id: file.id as string, upload, parts: await shop.put(upload, bytes) };
};
const freeOf = async (id: string) => free(shop, (await shop.newest(id)).id);

describe('100 MB', () => {
  test('come in parts, in any order, one of them replaced, and are READY with the digest that was announced', async () => {
    const bytes = noise(100_000_000);
    const { id, upload, parts } = await uploaded(bytes, { sha256: sha256(bytes).toUpperCase() });
    expect(parts).toHaveLength(6);
    const [again] = await shop.put({ ...upload, parts: upload.parts.slice(2, 3) }, bytes);
    expect(await shop.complete(id, parts)).toMatchObject({ code: 'CONFLICT', path: ['parts', '2'] });
    const now = parts.map((part) => (part.number === again?.number ? again : part)).reverse();
    expect(await shop.complete(id, now)).toMatchObject({ file: { status: 'VERIFYING' } });
    await shop.verify(id);
    expect(await shop.file(id)).toMatchObject({ status: 'READY', size: '100000000', sha256: sha256(bytes) });
    expect(await eventsOf(id)).toEqual(['file.created', 'file.ready']);
  });
});

describe('an upload', () => {
  test('is resumed by asking what is there, with URLs signed anew', async () => {
    const bytes = noise(PART + 5);
    const { file, upload } = await shop.announce(bytes.length);
    await shop.put({ ...upload, parts: upload.parts.slice(0, 1) }, bytes);
    const { upload: rest } = await shop.file(
      file.id,
      'upload { partSize uploaded { number size etag } parts(after: 1) { number size url headers { name value } } }',
    );
    expect(rest.uploaded).toMatchObject([{ number: 1, size: PART }]);
    expect(rest.parts).toMatchObject([{ number: 2, size: 5 }]);
    const parts = [
      ...rest.uploaded.map(({ number, etag }: { number: number; etag: string }) => ({ number, etag })),
      ...(await shop.put(rest, bytes)),
    ];
    await shop.complete(file.id, parts);
    await shop.verify(file.id);
    expect(await shop.file(file.id)).toMatchObject({ status: 'READY', sha256: sha256(bytes) });
  });

  test('is refused with parts that are missing, named twice or too many, and goes on all the same', async () => {
    const { id, parts } = await uploaded(noise(PART + 1));
    const [first, second] = parts;
    const wrong = [
      [first],
      [first, first],
      [...parts, { number: 3, etag: 'x' }],
      Array.from({ length: 10_000 }, (_, index) => ({ number: index + 1, etag: 'x' })),
    ];
    for (const named of wrong)
      expect(await shop.complete(id, named as object[])).toMatchObject({ code: 'INVALID_INPUT', path: ['parts'] });
    expect(await shop.complete(id, [second, first] as object[])).toMatchObject({ file: { status: 'VERIFYING' } });
  });

  test('of another size than was announced is refused, naming the part', async () => {
    const { file, upload } = await shop.announce(100);
    const parts = await shop.put(upload, noise(99));
    expect(await shop.complete(file.id, parts)).toMatchObject({
      code: 'CONFLICT',
      path: ['parts', '0'],
      message: 'Part 1 has 99 bytes, not 100.',
    });
  });

  test('of other bytes than were announced fails, says why and leaves nothing', async () => {
    const { id, parts } = await uploaded(noise(100), { sha256: 'a'.repeat(64) });
    await shop.complete(id, parts);
    await shop.verify(id);
    const version = await shop.newest(id);
    expect(version).toMatchObject({ status: 'FAILED', failure: expect.stringContaining(sha256(noise(100))) });
    await free(shop, version.id);
    expect(await shop.storage.size(keyOf(version))).toBeNull();
    expect((await shop.newest(id)).freedAt).not.toBeNull();
    expect(await shop.complete(id, parts)).toMatchObject({ code: 'CONFLICT' });
  });

  test('of nothing is an empty file', async () => {
    const { file, upload } = await shop.announce(0);
    expect(upload.parts).toEqual([]);
    await shop.complete(file.id, []);
    await shop.verify(file.id);
    expect(await shop.file(file.id)).toMatchObject({ status: 'READY', size: '0', sha256: sha256(new Uint8Array()) });
    const { customerId } = await shop.holder((await shop.benefit([file.id])).id);
    const [download] = await shop.downloads(customerId);
    expect(await (await fetch(download.url)).text()).toBe('');
  });

  test('has a name of up to 255 characters, of any kind', async () => {
    const name = `"${'\u202e\u200fשלום\r\n'.repeat(30)}"`.padEnd(255, '試.zip');
    expect(name).toHaveLength(255);
    const id = await shop.upload(noise(10), { name });
    const { customerId } = await shop.holder((await shop.benefit([id])).id);
    const [download] = await shop.downloads(customerId);
    expect(download.name).toBe(name);
    const said = (await fetch(download.url)).headers.get('content-disposition') ?? '';
    expect(said).toMatch(/^attachment; filename="[ !#-~]+"; filename\*=UTF-8''[\w%.~!-]+$/);
    for (const wrong of [`x${name}`, '  ', 'a\0b'])
      expect(await shop.announce(10, { name: wrong })).toMatchObject({ code: 'INVALID_INPUT', path: ['name'] });
  });

  test.each([
    [{ size: '-1' }, 'size'],
    [{ size: '10737418241' }, 'size'],
    [{ sha256: 'abc' }, 'sha256'],
    [{ contentType: 'text/html\r\nx-evil: 1' }, 'contentType'],
  ])('is not announced as %j', async (facts, field) => {
    expect(await shop.announce(10, facts)).toMatchObject({ code: 'INVALID_INPUT', path: [field] });
  });

  test('is one at a time for each file', async () => {
    const { id } = await uploaded(noise(10));
    expect(await shop.mutate('createFileVersion', { id, size: '5' }, 'file { id }')).toMatchObject({
      code: 'CONFLICT',
    });
    await shop.mutate('abortFileUpload', { id }, 'file { id }');
    expect(await shop.mutate('createFileVersion', { id, size: '5' }, 'file { id }')).toMatchObject({ file: { id } });
  });
});

describe('a process that is killed', () => {
  test('after it began an upload, and before that was written down, leaves nothing behind for good', async () => {
    const { file } = await shop.transaction((tx) =>
      files.create(tx, { organizationId: shop.organizationId, name: 'x', size: 10n }, 100_000_000_000n),
    );
    const key = keyOf(await shop.newest(file.id));
    const orphan = { key, uploadId: await shop.storage.begin(key, 'text/plain') };
    const { upload } = await shop.file(file.id, 'upload { partSize parts { number url headers { name value } } }');
    await shop.put(upload, noise(10));
    await shop.mutate('abortFileUpload', { id: file.id }, 'file { id }');
    await freeOf(file.id);
    expect(await shop.storage.parts(orphan)).toBeNull();
  });

  test('after the store completed an upload, and before it was verified, loses nothing', async () => {
    const { id, parts } = await uploaded(noise(1_000));
    await shop.complete(id, parts);
    const version = await shop.newest(id);
    const upload = { key: keyOf(version), uploadId: version.uploadId ?? '' };
    await shop.storage.complete(upload, version.parts as never);
    await shop.verify(id);
    expect(await shop.file(id)).toMatchObject({ status: 'READY' });
  });

  test('after it read all bytes, and before that was written down, reads them again', async () => {
    const { id, parts } = await uploaded(noise(1_000));
    await shop.complete(id, parts);
    const { id: versionId } = await shop.newest(id);
    const dying = { ...shop, transaction: () => Promise.reject(new Error('Killed.')) };
    await expect(verify(dying, { versionId })).rejects.toThrow('Killed.');
    await Promise.all([verify(shop, { versionId }), verify(shop, { versionId })]);
    expect(await eventsOf(id)).toEqual(['file.created', 'file.ready']);
  });

  test('after it took bytes out of the store, and before that was written down, takes them out again', async () => {
    const id = await shop.upload(noise(1_000));
    await shop.mutate('deleteFile', { id }, 'file { deletedAt }');
    await shop.storage.remove(keyOf(await shop.newest(id)));
    expect((await shop.newest(id)).freedAt).toBeNull();
    await freeOf(id);
    expect((await shop.newest(id)).freedAt).not.toBeNull();
  });

  test('with its job is followed by another: who is silent for two minutes is asked again', async () => {
    const { id, parts } = await uploaded(noise(10));
    await shop.complete(id, parts);
    shop.time.now = new Date(Date.now() + 130_000);
    const asked: object[] = [];
    const found = await shop.transaction((tx) => sweep({ ...tx, enqueue: (job) => void asked.push(job.data) }));
    shop.time.now = null;
    expect(found).toBeGreaterThan(0);
    expect(asked).toContainEqual({ versionId: (await shop.newest(id)).id });
  });
});

describe.each([
  ['a socket', overSocket],
  ['server-sent events', overEvents],
] as const)('a merchant who listens over %s', (_name, listen) => {
  test('hears how an upload and its verification go, to the end', async () => {
    const bytes = noise(PART + 7);
    const { file, upload } = await shop.announce(bytes.length);
    const document = 'subscription($id: ID!) { fileProgress(id: $id) { status bytes size file { status } } }';
    const stream = listen(shop.url, shop.bearer, document, { id: file.id });
    const next = async () => (await stream.next()).value?.data?.fileProgress;
    const size = String(bytes.length);
    expect(await next()).toEqual({ status: 'UPLOADING', bytes: '0', size, file: { status: 'UPLOADING' } });
    const [first] = await shop.put({ ...upload, parts: upload.parts.slice(0, 1) }, bytes);
    expect(await next()).toMatchObject({ status: 'UPLOADING', bytes: String(PART) });
    const [second] = await shop.put({ ...upload, parts: upload.parts.slice(1) }, bytes);
    expect(await next()).toMatchObject({ status: 'UPLOADING', bytes: size });
    await shop.complete(file.id, [first, second] as object[]);
    expect(await next()).toMatchObject({ status: 'VERIFYING', bytes: '0' });
    await shop.verify(file.id);
    expect(await next()).toEqual({ status: 'READY', bytes: size, size, file: { status: 'READY' } });
    expect((await stream.next()).done).toBe(true);
  });
});

describe('space', () => {
  test('is given back by what nobody completed within 24 hours, and not before', async () => {
    const before = await used(shop.database.prisma, shop.organizationId);
    const { id } = await uploaded(noise(12_345));
    expect(await used(shop.database.prisma, shop.organizationId)).toBe(before + 12_345n);
    await shop.transaction(sweep);
    expect(await shop.file(id)).toMatchObject({ status: 'UPLOADING' });
    shop.time.now = new Date(Date.now() + DAY_MS + 1_000);
    await shop.transaction(sweep);
    shop.time.now = null;
    expect(await shop.file(id)).toMatchObject({ status: 'FAILED', failure: 'It was not completed within 24 hours.' });
    await freeOf(id);
    expect(await shop.storage.size(keyOf(await shop.newest(id)))).toBeNull();
  });

  test('is never promised twice', async () => {
    const organizationId = await shop.newOrganization('Small').then(({ id }) => id);
    const create = () => shop.transaction((tx) => files.create(tx, { organizationId, name: 'x', size: 60n }, 100n));
    const answers = await Promise.allSettled([create(), create(), create()]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await used(shop.database.prisma, organizationId)).toBe(60n);
  });
});

describe('two who complete at once', () => {
  test('complete once', async () => {
    const { id, parts } = await uploaded(noise(100));
    const answers = await Promise.all([shop.complete(id, parts), shop.complete(id, parts), shop.complete(id, parts)]);
    for (const answer of answers) expect(answer).toMatchObject({ file: { status: 'VERIFYING' } });
    await shop.verify(id);
    expect(await eventsOf(id)).toEqual(['file.created', 'file.ready']);
  });
});

test('who would lose a file is told before it is deleted', async () => {
  const id = await shop.upload(noise(10));
  const [one, two] = [await shop.benefit([id]), await shop.benefit([id])];
  const { customerId } = await shop.holder(one.id);
  await shop.give(customerId, two.id);
  await shop.settle(customerId);
  const document = 'query($id: ID!) { previewDeleteFile(id: $id) { customers benefits { benefit { id } count } } }';
  expect((await shop.ask(document, { id })).previewDeleteFile).toEqual({
    customers: 1,
    benefits: [one, two].map((benefit) => ({ benefit: { id: benefit.id }, count: 1 })),
  });
});
