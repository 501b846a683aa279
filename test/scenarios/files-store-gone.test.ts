import { expect, test } from 'vitest';
import { openS3 } from '../../src/providers/s3.ts';
import { openFileShop } from '../support/file-shop.ts';
import { noise } from '../support/noise.ts';
import { openSwift } from '../support/swift.ts';

const GONE_MS = 3_000;

test('a store that is gone in the middle delays, and loses nothing', async () => {
  await using swift = await openSwift();
  using storage = openS3(swift.settings);
  await using shop = await openFileShop({ storage });
  const bytes = noise(20_000_000);
  const { file, upload } = await shop.announce(bytes.length);
  const parts = await shop.put(upload, bytes);

  swift.cut();
  const refused = await shop.complete(file.id, parts);
  expect(refused).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('nothing is lost') });
  setTimeout(() => swift.mend(), GONE_MS);
  const completed = async () => (await shop.complete(file.id, parts)).file?.status;
  await expect.poll(completed).toBe('VERIFYING');

  const verifying = shop.verify(file.id);
  swift.cut();
  await expect(verifying).rejects.toThrow();
  expect(await shop.file(file.id)).toMatchObject({ status: 'VERIFYING' });
  setTimeout(() => swift.mend(), GONE_MS);
  // As its queue does it.
  const again = () => shop.verify(file.id).catch(() => {});
  const verified = () => again().then(async () => (await shop.file(file.id)).status);
  await expect.poll(verified).toBe('READY');

  const { customerId } = await shop.holder((await shop.benefit([file.id])).id);
  const [download] = await shop.downloads(customerId);
  const whole = new Uint8Array(await (await fetch(download.url)).arrayBuffer());
  expect(Buffer.from(whole).equals(bytes)).toBe(true);
});

test('while a store cannot be reached at all, completing says so and nothing is lost', async () => {
  const settings = {
    bucket: 'files',
    region: 'us-east-1',
    accessKeyId: 'a',
    secretAccessKey: 'b',
    forcePathStyle: true,
  };
  using storage = openS3({ ...settings, endpoint: 'http://127.0.0.1:1' });
  await using shop = await openFileShop({ storage });
  const { file } = await shop.mutate('createFile', { name: 'x', size: '5' }, 'file { id status }');
  await shop.database.prisma.fileVersion.updateMany({ where: { fileId: file.id }, data: { uploadId: 'begun' } });
  const answer = await shop.complete(file.id, [{ number: 1, etag: 'x' }]);
  expect(answer).toMatchObject({ code: 'CONFLICT', path: ['id'], message: expect.stringContaining('nothing is lost') });
  expect(await shop.file(file.id)).toMatchObject({ status: 'UPLOADING' });
});
