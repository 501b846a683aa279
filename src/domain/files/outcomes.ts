import type { FileVersion } from '../../../prisma/generated/client/client.ts';
import type { Tx } from '../../platform/unit-of-work.ts';
import { deliverAgain, lock, tell } from './files.ts';
import { requestFreeing } from './versions.ts';

/** The bytes are what was announced: from this commit on they are what is delivered. Twice is harmless. */
export async function ready(tx: Tx, version: FileVersion, sha256: string): Promise<void> {
  const file = await lock(tx, { organizationId: version.organizationId, id: version.fileId }, true);
  const before = await tx.db.fileVersion.findUniqueOrThrow({ where: { id: version.id } });
  if (before.status !== 'VERIFYING') return;
  const after = await tx.db.fileVersion.update({
    where: { id: version.id },
    data: { status: 'READY', sha256, verifiedBytes: before.size, readyAt: tx.now, updatedAt: tx.now },
  });
  const updated = await tx.db.file.update({
    where: { id: file.id },
    data: { currentId: version.id, updatedAt: tx.now },
  });
  tell(tx, 'file.ready', updated, after);
  await deliverAgain(tx, file);
}

/** It will not become READY; `failure` says why. What is in the store goes, in the background. */
export async function fail(tx: Tx, version: FileVersion, failure: string): Promise<void> {
  const file = await lock(tx, { organizationId: version.organizationId, id: version.fileId }, true);
  const before = await tx.db.fileVersion.findUniqueOrThrow({ where: { id: version.id } });
  if (before.status !== 'UPLOADING' && before.status !== 'VERIFYING') return;
  const after = await tx.db.fileVersion.update({
    where: { id: version.id },
    data: { status: 'FAILED', failure, updatedAt: tx.now },
  });
  tell(tx, 'file.failed', file, after);
  requestFreeing(tx, version.id);
}
