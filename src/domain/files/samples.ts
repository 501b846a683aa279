import type { Tx } from '../../platform/unit-of-work.ts';
import { create } from './files.ts';
import { VERIFY_FILE } from './versions.ts';

/** A small file to try things with: its bytes are put into the store by the job that verifies them. */
export async function addSample(
  tx: Tx,
  { organizationId, name, text }: { organizationId: string; name: string; text: string },
): Promise<string> {
  const size = BigInt(Buffer.byteLength(text));
  const input = { organizationId, name, size, contentType: 'text/plain; charset=utf-8' };
  const { file, version } = await create(tx, input, BigInt(Number.MAX_SAFE_INTEGER));
  await tx.db.fileVersion.update({ where: { id: version.id }, data: { status: 'VERIFYING', heardAt: tx.now } });
  tx.enqueue({ name: VERIFY_FILE, data: { versionId: version.id, content: text }, key: version.id });
  return file.id;
}
