import type { FileStatus } from '../../../prisma/generated/client/client.ts';
import type { Storage } from '../../lib/storage.ts';
import type { Database } from '../../platform/database.ts';
import { keyOf } from './uploads.ts';

/** How far the newest version of a file has come. */
export interface FileProgress {
  fileId: string;
  status: FileStatus;
  /** Bytes that are there while it is UPLOADING, and that were read while it is VERIFYING. */
  bytes: bigint;
  size: bigint;
}

const LOOK_MS = 500;

/**
 * What becomes of a file, told whenever it has changed, up to READY or FAILED. Looks by itself, whichever process is
 * at work. Not an async generator: one of those cannot be ended while it waits.
 */
export function watch(
  reading: { database: Database; storage: Storage },
  fileId: string,
): AsyncIterableIterator<FileProgress> {
  let last: FileProgress | null = null;
  let ended = false;
  let wake = () => {};

  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const end = async (): Promise<IteratorReturnResult<undefined>> => {
    ended = true;
    wake();
    return { done: true, value: undefined };
  };
  return {
    async next() {
      if (last && isOver(last)) return end();
      while (!ended) {
        const now = await look(reading, fileId);
        if (!now) return end();
        if (now.status !== last?.status || now.bytes !== last.bytes) {
          last = now;
          return { done: false, value: now };
        }
        await pause();
      }
      return end();
    },
    return: end,
    async throw(error) {
      await end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const isOver = ({ status }: FileProgress): boolean => status === 'READY' || status === 'FAILED';

async function look(
  { database, storage }: { database: Database; storage: Storage },
  fileId: string,
): Promise<FileProgress | null> {
  const version = await database.prisma.fileVersion.findFirst({ where: { fileId }, orderBy: { number: 'desc' } });
  if (!version) return null;
  const { status, size, uploadId, verifiedBytes } = version;
  const isUploading = status === 'UPLOADING' && uploadId !== null;
  const parts = isUploading ? await storage.parts({ key: keyOf(version), uploadId }) : null;
  const there = BigInt((parts ?? []).reduce((sum, part) => sum + part.size, 0));
  return { fileId, status, size, bytes: status === 'UPLOADING' ? there : verifiedBytes };
}
