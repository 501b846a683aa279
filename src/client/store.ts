import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One text, kept somewhere safe: a file, Electron's `safeStorage`, a keychain. */
export interface Store {
  read(): Promise<string | null>;
  write(text: string): Promise<void>;
}

/** Keeps it in a file that only this user may read. Two processes may write at once: each file is whole. */
export const fileStore = (path: string): Store => ({
  read: () => readFile(path, 'utf8').catch(() => null),
  async write(text) {
    await mkdir(dirname(path), { recursive: true });
    const beside = `${path}.${crypto.randomUUID()}`;
    await writeFile(beside, text, { mode: 0o600 });
    await rename(beside, path);
  },
});

/** Keeps it for as long as the process runs. */
export function memoryStore(): Store {
  let kept: string | null = null;
  return {
    read: async () => kept,
    async write(text) {
      kept = text;
    },
  };
}
