import type { File, FileVersion } from '../../../prisma/generated/client/client.ts';
import { checkText } from '../../lib/checks.ts';
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import { newId } from '../../lib/id.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import * as benefits from '../benefits.ts';
import { type NewVersion, requestFreeing, start } from './versions.ts';

const NAME_CHARACTERS = 255;

interface Named {
  organizationId: string;
  id: string;
}

export type FileEvent =
  | 'file.created'
  | 'file.updated'
  | 'file.version_created'
  | 'file.ready'
  | 'file.failed'
  | 'file.archived'
  | 'file.unarchived'
  | 'file.deleted';

/** A new file, to be uploaded. Throws a ConflictError when it would not fit into the quota, in bytes. */
export async function create(
  tx: Tx,
  input: { organizationId: string; name: string } & NewVersion,
  quota: bigint,
): Promise<{ file: File; version: FileVersion }> {
  const { organizationId } = input;
  const [id, versionId] = [newId('file', tx.now), newId('fileVersion', tx.now)];
  const file = await tx.db.file.create({
    data: {
      id,
      organizationId,
      name: checkText(input.name, ['name'], NAME_CHARACTERS),
      currentId: versionId,
      createdAt: tx.now,
      updatedAt: tx.now,
    },
  });
  const version = await start(tx, { id: versionId, file, number: 1 }, input, quota);
  tell(tx, 'file.created', file, version);
  return { file, version };
}

/** Other bytes under the same name: once READY they replace those before. One upload at a time. */
export async function addVersion(
  tx: Tx,
  { id, ...input }: Named & NewVersion,
  quota: bigint,
): Promise<{ file: File; version: FileVersion }> {
  const file = await lock(tx, { id, organizationId: input.organizationId });
  const [newest] = await tx.db.fileVersion.findMany({ where: { fileId: id }, orderBy: { number: 'desc' }, take: 1 });
  if (newest?.status === 'UPLOADING' || newest?.status === 'VERIFYING')
    throw new ConflictError('Its newest version is still on its way; complete or abort that one first.', ['id']);
  const number = (newest?.number ?? 0) + 1;
  const version = await start(tx, { id: newId('fileVersion', tx.now), file, number }, input, quota);
  tell(tx, 'file.version_created', file, version);
  return { file, version };
}

/** Another name, for everyone who downloads it from now on. */
export async function rename(tx: Tx, { name, ...named }: Named & { name?: string }): Promise<File> {
  const before = await lock(tx, named);
  const changed = name === undefined ? before.name : checkText(name, ['name'], NAME_CHARACTERS);
  return changed === before.name ? before : change(tx, before, { name: changed }, 'file.updated');
}

/** Nobody can download it any more, from the next click on, until that is taken back. Twice is harmless. */
export async function archive(tx: Tx, named: Named): Promise<File> {
  const before = await lock(tx, named);
  return before.archivedAt ? before : change(tx, before, { archivedAt: tx.now }, 'file.archived');
}

export async function unarchive(tx: Tx, named: Named): Promise<File> {
  const before = await lock(tx, named);
  return before.archivedAt ? change(tx, before, { archivedAt: null }, 'file.unarchived') : before;
}

/** Its bytes go for good, in the background; benefits deliver it to nobody. Twice is harmless. */
export async function remove(tx: Tx, named: Named): Promise<File> {
  const before = await lock(tx, named, true);
  if (before.deletedAt) return before;
  const versions = await tx.db.fileVersion.findMany({ where: { fileId: before.id, freedAt: null } });
  for (const { id } of versions) requestFreeing(tx, id);
  return change(tx, before, { deletedAt: tx.now }, 'file.deleted');
}

/** A file that is not deleted, held against change until the transaction ends. */
export async function lock(tx: Tx, { organizationId, id }: Named, alsoDeleted = false): Promise<File> {
  await tx.db
    .$queryRaw`SELECT 1 FROM "File" WHERE id = ${id} AND "organizationId" = ${organizationId} FOR NO KEY UPDATE`;
  const file = await tx.db.file.findFirst({ where: { id, organizationId, ...(!alsoDeleted && { deletedAt: null }) } });
  if (!file) throw new NotFoundError('file', ['id']);
  tx.now = tx.clock();
  return file;
}

/** Whether there is such a file, and it was not deleted. */
export const exists = async (tx: Tx, { organizationId, id }: Named): Promise<boolean> =>
  (await tx.db.file.count({ where: { organizationId, id, deletedAt: null } })) > 0;

/** Those of these files that can be downloaded now, in their order. */
export async function onShelf(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const shown = await tx.db.file.findMany({
    where: { id: { in: [...ids] }, archivedAt: null, deletedAt: null, versions: { some: { status: 'READY' } } },
    select: { id: true },
  });
  return ids.filter((id) => shown.some((file) => file.id === id));
}

/** Has what customers see of a file delivered again to everyone who holds it. */
export const deliverAgain = (tx: Tx, { organizationId, id }: Named): Promise<void> =>
  benefits.reapplyNaming(tx, { organizationId, field: 'fileIds', id });

/** Appends what happened; sizes are numbers, since JSON has no greater ones. */
export function tell(tx: Tx, type: FileEvent, file: File, version: FileVersion): void {
  const { id, organizationId, name, archivedAt, deletedAt, createdAt, updatedAt } = file;
  const { number, note, contentType, size, status, sha256, failure, readyAt } = version;
  tx.append({
    organizationId,
    type,
    subjectId: id,
    data: {
      file: { id, organizationId, name, archivedAt, deletedAt, createdAt, updatedAt },
      version: { id: version.id, number, note, contentType, size: Number(size), status, sha256, failure, readyAt },
    },
  });
}

async function change(
  tx: Tx,
  { id }: File,
  data: { name?: string; archivedAt?: Date | null; deletedAt?: Date },
  type: FileEvent,
): Promise<File> {
  const file = await tx.db.file.update({ where: { id }, data: { ...data, updatedAt: tx.now } });
  const version = await tx.db.fileVersion.findUniqueOrThrow({ where: { id: file.currentId } });
  tell(tx, type, file, version);
  await deliverAgain(tx, file);
  return file;
}
