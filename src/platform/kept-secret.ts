import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { StartError } from '../lib/start-error.ts';

const SECRET_BYTES = 32;

/** The secret in this file, made when there is none; of several processes that make it at once, one wins. */
export async function keptSecret(path: string): Promise<string> {
  return (await read(path)) ?? (await make(path));
}

async function make(path: string): Promise<string> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  await writeFile(draft, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`, { mode: 0o600, flush: true });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
  return keptSecret(path);
}

async function read(path: string): Promise<string | undefined> {
  try {
    const secret = (await readFile(path, 'utf8')).trim();
    if (secret === '')
      throw new StartError(`${path} is empty; put back what stood there, or delete the folder it is in to begin anew.`);
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
