import { after, DAY_MS, MINUTE_MS } from '../../lib/time.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { fail } from './outcomes.ts';
import { keyOf } from './uploads.ts';
import type { FileOptions } from './verification.ts';
import { requestFreeing, VERIFY_FILE } from './versions.ts';

/** Who has not completed an upload by then has given it up. */
const UPLOAD_MS = DAY_MS;
/** A verification that was not heard of for so long is begun anew. */
const SILENCE_MS = 2 * MINUTE_MS;
const PAGE = 100;

/** Ends uploads nobody completed, and asks again for what was lost. Answers how many it found. */
export async function sweep(tx: Tx): Promise<number> {
  const [unfinished, silent, left] = await Promise.all([
    tx.db.fileVersion.findMany({
      where: { status: 'UPLOADING', createdAt: { lt: after(tx.now, -UPLOAD_MS) } },
      take: PAGE,
    }),
    tx.db.fileVersion.findMany({
      where: { status: 'VERIFYING', file: { deletedAt: null }, heardAt: { lt: after(tx.now, -SILENCE_MS) } },
      take: PAGE,
    }),
    tx.db.fileVersion.findMany({
      where: { freedAt: null, updatedAt: { lt: after(tx.now, -MINUTE_MS) }, ...GONE },
      take: PAGE,
    }),
  ]);
  for (const version of unfinished) await fail(tx, version, 'It was not completed within 24 hours.');
  for (const { id } of silent) tx.enqueue({ name: VERIFY_FILE, data: { versionId: id }, key: id });
  const heard = { where: { id: { in: silent.map(({ id }) => id) } }, data: { heardAt: tx.now } };
  await tx.db.fileVersion.updateMany(heard);
  for (const { id } of left) requestFreeing(tx, id);
  await tx.db.fileVersion.updateMany({ where: { id: { in: left.map(({ id }) => id) } }, data: { updatedAt: tx.now } });
  return unfinished.length + silent.length + left.length;
}

/** Takes away what is left of a version in the store, then gives its space back. Twice is harmless. */
export async function free({ database, storage }: FileOptions, versionId: string): Promise<void> {
  const { fileVersion } = database.prisma;
  const version = await fileVersion.findFirst({ where: { id: versionId, freedAt: null, ...GONE } });
  if (!version) return;
  await storage.remove(keyOf(version));
  await fileVersion.updateMany({ where: { id: versionId, freedAt: null }, data: { freedAt: new Date() } });
}

/** What nobody will ever download. */
const GONE = { OR: [{ status: 'FAILED' as const }, { file: { deletedAt: { not: null } } }] };
