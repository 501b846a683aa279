import type { Database } from '../../platform/database.ts';

/** A version that may be downloaded, with what its file says. */
export interface Shelved {
  fileId: string;
  name: string;
  versionId: string;
  number: number;
  note: string | null;
  contentType: string;
  size: bigint;
  sha256: string | null;
  current: boolean;
}

/** Of each of these files what can be downloaded now, newest first; files without anything are left out. */
export async function readShelf({ prisma }: Database, fileIds: readonly string[]): Promise<Map<string, Shelved[]>> {
  const files = await prisma.file.findMany({
    where: { id: { in: [...new Set(fileIds)] }, archivedAt: null, deletedAt: null },
    include: { versions: { where: { status: 'READY' }, orderBy: { number: 'desc' } } },
  });
  const shelves = files.map(({ id, name, currentId, versions }): [string, Shelved[]] => [
    id,
    versions.map((version) => ({
      fileId: id,
      name,
      versionId: version.id,
      number: version.number,
      note: version.note,
      contentType: version.contentType,
      size: version.size,
      sha256: version.sha256,
      current: version.id === currentId,
    })),
  ]);
  return new Map(shelves.filter(([, versions]) => versions.length > 0));
}
