import type { FileVersion } from '../../../prisma/generated/client/client.ts';
import { ConflictError } from '../../lib/errors.ts';
import { type Part, quoted, type Signed, type Storage, type StoredPart, type Upload } from '../../lib/storage.ts';
import { HOUR_MS, SECOND_MS } from '../../lib/time.ts';
import type { Database } from '../../platform/database.ts';
import { PART_BYTES, partCount } from './versions.ts';

/** For how long the URL of a part is good; it is signed again on demand. */
const PART_SECONDS = HOUR_MS / SECOND_MS;

/** A version whose bytes are on their way. */
export interface Uploading {
  version: FileVersion;
  upload: Upload;
}

/** Where the bytes of a version are in the store. Nothing there tells whose customers will have them. */
export const keyOf = ({ organizationId, id }: Pick<FileVersion, 'organizationId' | 'id'>): string =>
  `${organizationId}/${id}`;

/** The upload of a version, begun at the store by whoever asks first. */
export async function open({ prisma }: Database, storage: Storage, version: FileVersion): Promise<Upload> {
  const key = keyOf(version);
  if (version.uploadId) return { key, uploadId: version.uploadId };
  const uploadId = await storage.begin(key, version.contentType);
  await prisma.fileVersion.updateMany({ where: { id: version.id, uploadId: null }, data: { uploadId } });
  // Another may have begun one at the same time; what is left over goes with whatever else is at this key.
  const written = await prisma.fileVersion.findUniqueOrThrow({ where: { id: version.id } });
  return { key, uploadId: written.uploadId ?? uploadId };
}

/** A page of signed parts: those after `after`, `first` at most. */
export function signParts(
  storage: Storage,
  upload: Upload,
  size: bigint,
  { first, after }: { first: number; after: number },
): Promise<(Signed & { number: number; size: number })[]> {
  const last = Math.min(after + first, partCount(size));
  const numbers = Array.from({ length: Math.max(0, last - after) }, (_, index) => after + index + 1);
  return Promise.all(
    numbers.map(async (number) => ({
      number,
      size: sizeOfPart(size, number),
      ...(await storage.signPart(upload, number, PART_SECONDS)),
    })),
  );
}

/** Compares what is named with what the store has. Throws a ConflictError that names the first part at fault. */
export async function compare(storage: Storage, version: FileVersion, named: readonly Part[]): Promise<void> {
  if (version.status !== 'UPLOADING' || version.size === 0n) return;
  const stored = version.uploadId ? await storage.parts({ key: keyOf(version), uploadId: version.uploadId }) : null;
  if (!stored) throw new ConflictError('Nothing was uploaded.', ['parts']);
  const there = new Map(stored.map((part) => [part.number, part]));
  for (const [index, part] of named.entries()) {
    const problem = problemOf(version.size, part, there.get(part.number));
    if (problem) throw new ConflictError(problem, ['parts', String(index)]);
  }
}

const sizeOfPart = (size: bigint, number: number): number =>
  Math.min(PART_BYTES, Number(size) - (number - 1) * PART_BYTES);

function problemOf(size: bigint, { number, etag }: Part, stored: StoredPart | undefined): string | null {
  if (!stored) return `Part ${number} was not uploaded.`;
  if (quoted(stored.etag) !== quoted(etag))
    return `Part ${number} is another one by now: upload it again, or name the ETag it has.`;
  const due = sizeOfPart(size, number);
  return stored.size === due ? null : `Part ${number} has ${stored.size} bytes, not ${due}.`;
}
