import { statfsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const ROOM_BYTES = 2 ** 31;

/** In memory where there is room: databases come and go by the hundred. */
export const TEMPORARY = roomIn(MEMORY) > ROOM_BYTES ? MEMORY : tmpdir();

/** A folder that others may pass through, as the user that PostgreSQL runs as when the tests run as root. */
export async function temporaryFolder(name = 'boon-test-'): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(TEMPORARY, name));
  await chmod(path, 0o711);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function roomIn(dir: string): number {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
