import type { File, FileVersion } from '../../../prisma/generated/client/client.ts';
import { checkIfAny, checkText } from '../../lib/checks.ts';
import { ConflictError, InvalidInputError } from '../../lib/errors.ts';
import { MOST_PARTS, type Part, quoted } from '../../lib/storage.ts';
import type { Tx } from '../../platform/unit-of-work.ts';

/** Reads the bytes of a version once and says whether they are what was announced. */
export const VERIFY_FILE = 'verify-file';

/** Takes away what is left in the store of a version that failed or whose file was deleted. */
export const FREE_FILE = 'free-file';

/** 640 of them make 10 GiB. */
export const PART_BYTES = 16 * 1_024 ** 2;
const MOST_BYTES = 10n * 1_024n ** 3n;
const NOTE_CHARACTERS = 2_000;
const ANY_TYPE = 'application/octet-stream';
const CONTENT_TYPE = /^[\w.+-]{1,100}\/[\w.+-]{1,100}(; ?[\w-]+=[\w.+-]+)?$/;

/** What is announced of bytes to come. */
export interface NewVersion {
  /** In bytes, at most 10 GiB. */
  size: bigint;
  contentType?: string;
  /** In hexadecimal digits. */
  sha256?: string;
  note?: string;
}

/** Writes down that bytes will come, before anything is in the store, and reserves their space. */
export async function start(
  tx: Tx,
  { id, file, number }: { id: string; file: File; number: number },
  input: NewVersion,
  quota: bigint,
): Promise<FileVersion> {
  const { size, contentType = ANY_TYPE, sha256, note } = input;
  if (size < 0n || size > MOST_BYTES)
    throw new InvalidInputError('It must be 0 to 10,737,418,240 bytes (10 GiB).', ['size']);
  if (!CONTENT_TYPE.test(contentType))
    throw new InvalidInputError('It is no media type such as image/png.', ['contentType']);
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256))
    throw new InvalidInputError('It must be 64 hexadecimal digits.', ['sha256']);
  await reserve(tx, file.organizationId, size, quota);
  return tx.db.fileVersion.create({
    data: {
      id,
      organizationId: file.organizationId,
      fileId: file.id,
      number,
      note: checkIfAny(note, (text) => checkText(text, ['note'], NOTE_CHARACTERS)),
      contentType,
      size,
      expectedSha256: sha256?.toLowerCase() ?? null,
      createdAt: tx.now,
      updatedAt: tx.now,
    },
  });
}

/** Bytes that an organization's files take, those on their way included. */
export async function used({ fileVersion }: { fileVersion: Aggregating }, organizationId: string): Promise<bigint> {
  const { _sum } = await fileVersion.aggregate({ where: { organizationId, freedAt: null }, _sum: { size: true } });
  return _sum.size ?? 0n;
}

/** As much of a database as it takes to add up, in a transaction or not. */
interface Aggregating {
  aggregate(asked: {
    where: { organizationId: string; freedAt: null };
    _sum: { size: true };
  }): Promise<{ _sum: { size: bigint | null } }>;
}

/** How many parts these bytes come in. */
export const partCount = (size: bigint): number => Math.ceil(Number(size) / PART_BYTES);

/** Everything was uploaded, says who uploaded it: from here on a job goes on. Twice is harmless. */
export async function complete(tx: Tx, version: FileVersion, parts: readonly Part[]): Promise<void> {
  if (version.status !== 'UPLOADING') return;
  await tx.db.fileVersion.update({
    where: { id: version.id },
    data: {
      status: 'VERIFYING',
      parts: parts.map(({ number, etag }) => ({ number, etag: quoted(etag) })),
      heardAt: tx.now,
      updatedAt: tx.now,
    },
  });
  tx.enqueue({ name: VERIFY_FILE, data: { versionId: version.id }, key: version.id });
}

/** What is named must be what was announced, part by part. Throws an InvalidInputError. */
export function checkParts(size: bigint, parts: readonly Part[]): Part[] {
  const count = partCount(size);
  if (parts.length > MOST_PARTS) throw new InvalidInputError(`There are at most ${MOST_PARTS} parts.`, ['parts']);
  if (parts.length !== count) throw new InvalidInputError(`It has ${count} parts, not ${parts.length}.`, ['parts']);
  const sorted = [...parts].sort((a, b) => a.number - b.number);
  const wrong = sorted.findIndex(({ number }, index) => number !== index + 1);
  if (wrong >= 0) throw new InvalidInputError(`Part ${wrong + 1} is missing or named twice.`, ['parts']);
  return sorted;
}

export const requestFreeing = (tx: Tx, versionId: string): void =>
  tx.enqueue({ name: FREE_FILE, data: { versionId }, key: versionId });

/** Counted under the organization's lock: of two that would fit alone, one is refused. */
async function reserve(tx: Tx, organizationId: string, size: bigint, quota: bigint): Promise<void> {
  await tx.db.$queryRaw`SELECT 1 FROM "Organization" WHERE id = ${organizationId} FOR NO KEY UPDATE`;
  const taken = await used(tx.db, organizationId);
  if (taken + size > quota)
    throw new ConflictError(`There is space for ${quota - taken} more bytes, of ${quota} in all.`, ['size']);
}
