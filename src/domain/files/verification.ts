import { createHash } from 'node:crypto';
import type { FileVersion } from '../../../prisma/generated/client/client.ts';
import type { Part, Storage } from '../../lib/storage.ts';
import { SECOND_MS } from '../../lib/time.ts';
import type { Database } from '../../platform/database.ts';
import type { Transaction } from '../../platform/unit-of-work.ts';
import { fail, ready } from './outcomes.ts';
import { keyOf } from './uploads.ts';

export interface FileOptions {
  database: Database;
  transaction: Transaction;
  storage: Storage;
}

export interface Verification {
  versionId: string;
  /** Something small to be put there first. */
  content?: string;
}

/** How often it is written down how far reading has come. */
const NOTE_MS = SECOND_MS;

/**
 * Completes the upload at the store, reads all bytes once, and decides. May be begun anew at any point: completing is
 * harmless twice, and nothing is called READY before its bytes were read.
 */
export async function verify(options: FileOptions, { versionId, content }: Verification): Promise<void> {
  const { database, storage, transaction } = options;
  const version = await database.prisma.fileVersion.findUnique({ where: { id: versionId }, include: { file: true } });
  if (version?.status !== 'VERIFYING' || version.file.deletedAt) return;
  const key = keyOf(version);
  const complete = await assemble(storage, version, content);
  const size = complete ? await storage.size(key) : null;
  if (size === null)
    return transaction((tx) => fail(tx, version, 'The store no longer has the parts that were named.'));
  if (BigInt(size) !== version.size)
    return transaction((tx) => fail(tx, version, `It has ${size} bytes, not ${version.size}.`));
  const sha256 = await digest(options, version, key);
  if (version.expectedSha256 && version.expectedSha256 !== sha256)
    return transaction((tx) => fail(tx, version, `Its SHA-256 is ${sha256}, not ${version.expectedSha256}.`));
  await transaction((tx) => ready(tx, version, sha256));
}

async function assemble(storage: Storage, version: FileVersion, content: string | undefined): Promise<boolean> {
  const key = keyOf(version);
  const { uploadId, size, contentType } = version;
  if (content !== undefined || size === 0n) {
    await storage.write(key, Buffer.from(content ?? ''), contentType);
    return true;
  }
  const parts = (version.parts ?? []) as unknown as Part[];
  return uploadId !== null && storage.complete({ key, uploadId }, parts);
}

async function digest({ storage, database }: FileOptions, { id }: FileVersion, key: string): Promise<string> {
  const hash = createHash('sha256');
  let [bytes, noted] = [0, performance.now()];
  for await (const chunk of await storage.read(key)) {
    hash.update(chunk);
    bytes += chunk.length;
    if (performance.now() - noted < NOTE_MS) continue;
    noted = performance.now();
    await database.prisma.fileVersion.updateMany({
      where: { id, status: 'VERIFYING' },
      data: { verifiedBytes: bytes, heardAt: new Date() },
    });
  }
  return hash.digest('hex');
}
