import type { FileStatus } from '../../../prisma/generated/client/client.ts';
import type { Storage } from '../../lib/storage.ts';
import { DONE, streamOf } from '../../lib/stream.ts';
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
 * at work.
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
  const end = () => {
    ended = true;
    wake();
  };
  const next = async (): Promise<IteratorResult<FileProgress, undefined>> => {
    while (!ended && !(last && isOver(last))) {
      const now = await look(reading, fileId);
      if (!now) break;
      if (now.status !== last?.status || now.bytes !== last.bytes) {
        last = now;
        return { done: false, value: now };
      }
      await pause();
    }
    ended = true;
    return DONE;
  };
  return streamOf(next, end);
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
