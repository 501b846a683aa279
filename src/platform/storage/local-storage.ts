import type { Dirent } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../../lib/id.ts';
import type { Keyring } from '../../lib/keyring.ts';
import { MOST_PARTS, type Part, type Storage, type StoredPart, type Upload } from '../../lib/storage.ts';
import { DAY_MS } from '../../lib/time.ts';
import { flush, openRoom, readChunks, writeChunks } from './chunks.ts';
import { openTickets, type Ticket } from './tickets.ts';

/** Drafts of whoever was killed in the middle lie around for this long. */
const DRAFT_MS = DAY_MS;
/** Keys come from our own ids; nothing else could lead out of the folder. */
const KEY = /^[a-z0-9_]+(\/[a-z0-9_]+)*$/;

/** A folder that keeps files as an S3 service does; the server lends it HTTP. */
export interface LocalStorage extends Storage {
  /** What a signed URL allows; null when it was not signed here, was changed, or has expired. */
  admit(method: string, url: URL): Ticket | null;
  /** Takes in a part, using up its chunks; null when there is no such upload, or no longer. */
  receive(upload: Upload, number: number, chunks: AsyncIterable<Uint8Array>): Promise<string | null>;
  open(key: string): Promise<StoredObject | null>;
}

export interface StoredObject {
  size: number;
  etag: string;
  modifiedAt: Date;
  /** These bytes, both ends included. A chunk is good until the next is asked for. */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
}

/**
 * An object is a folder of the parts it was uploaded in and a list of them: completing an upload copies nothing, it
 * renames its folder. A part's ETag is what the file system says of its file, which is another one for each upload.
 */
export async function openLocalStorage({
  folder,
  keyring,
  clock,
}: {
  folder: string;
  keyring: Keyring;
  clock: () => Date;
}): Promise<LocalStorage> {
  const place = (kind: string, key: string, ...rest: string[]): string => {
    if (![key, ...rest].every((part) => KEY.test(part))) throw new Error('This is no key of ours.');
    return join(folder, kind, ...key.split('/'), ...rest);
  };
  const objectAt = (key: string) => place('objects', key);
  const uploadAt = ({ key, uploadId }: Upload) => place('uploads', key, uploadId);
  const drafts = join(folder, 'drafts');
  const draft = () => join(drafts, newId('draft'));
  await mkdir(drafts, { recursive: true });
  await sweep(drafts, clock());
  const tickets = openTickets({ keyring, clock });

  const manifest = async (key: string): Promise<StoredPart[] | null> =>
    JSON.parse((await unlessMissing(readFile(join(objectAt(key), LIST), 'utf8'))) ?? 'null');

  const storage: LocalStorage = {
    async begin(key) {
      const upload = { key, uploadId: newId('draft') };
      await mkdir(uploadAt(upload), { recursive: true });
      return upload.uploadId;
    },
    signPart: async (upload, number, seconds) => ({
      url: tickets.sign({ to: 'put', ...upload, number }, seconds),
      headers: [],
    }),
    async parts(upload) {
      const entries = await unlessMissing(readdir(uploadAt(upload)));
      if (!entries) return null;
      const parts = await Promise.all(
        entries.filter(isPart).map((name) => describe(join(uploadAt(upload), name), Number(name))),
      );
      return parts.filter((part) => part !== null).sort((a, b) => a.number - b.number);
    },
    async complete(upload, named) {
      if (await manifest(upload.key)) return true;
      const there = new Map((await storage.parts(upload))?.map((part) => [part.number, part]));
      const parts = sorted(named).map(({ number, etag }) => {
        const part = there.get(number);
        return part?.etag === etag ? part : null;
      });
      // Where none are left, another may have completed it since it was looked.
      if (parts.length === 0 || !isComplete(parts)) return (await manifest(upload.key)) !== null;
      const object = objectAt(upload.key);
      const from = uploadAt(upload);
      // What was completed outlasts a power cut.
      for (const { number } of parts) await unlessMissing(flush(join(from, String(number))));
      // The list goes along: an object without one was never completed.
      const list = draft();
      await writeFile(list, JSON.stringify(parts), { flush: true });
      await unlessMissing(rename(list, join(from, LIST)));
      await mkdir(join(object, '..'), { recursive: true });
      try {
        await rename(from, object);
      } catch (error) {
        // Of two that complete it at once, one finds it done.
        if (!isOneOf(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error;
      }
      return (await manifest(upload.key)) !== null;
    },
    async write(key, bytes) {
      const at = draft();
      await mkdir(at);
      await writeFile(join(at, '1'), bytes, { flush: true });
      await writeFile(join(at, LIST), JSON.stringify([await describe(join(at, '1'), 1)]), { flush: true });
      await rm(objectAt(key), { recursive: true, force: true });
      await mkdir(join(objectAt(key), '..'), { recursive: true });
      await rename(at, objectAt(key));
    },
    size: async (key) => (await manifest(key))?.reduce((sum, part) => sum + part.size, 0) ?? null,
    async read(key) {
      const object = await storage.open(key);
      if (!object) throw new Error(`There is nothing at ${key}.`);
      return object.read(0, object.size - 1);
    },
    signDownload: async (key, { name, contentType, seconds }) =>
      tickets.sign({ to: 'get', key, name, type: contentType }, seconds),
    async remove(key) {
      for (const kind of ['uploads', 'objects']) await rm(place(kind, key), { recursive: true, force: true });
    },

    admit: (method, url) => tickets.read(method, url),
    async receive(upload, number, chunks) {
      if (number < 1 || number > MOST_PARTS || !(await describe(uploadAt(upload), 0, true))) return null;
      const at = draft();
      try {
        await writeChunks(at, chunks);
        await rename(at, join(uploadAt(upload), String(number)));
        return (await describe(join(uploadAt(upload), String(number)), number))?.etag ?? null;
      } catch (error) {
        await rm(at, { force: true });
        // Completed or taken away in the meantime.
        if (isOneOf(error, 'ENOENT')) return null;
        throw error;
      }
    },
    async open(key) {
      const parts = await manifest(key);
      const facts = parts && (await unlessMissing(stat(join(objectAt(key), LIST))));
      if (!parts || !facts) return null;
      return {
        size: parts.reduce((sum, part) => sum + part.size, 0),
        etag: `"${facts.ino.toString(36)}-${Math.round(facts.mtimeMs).toString(36)}"`,
        modifiedAt: facts.mtime,
        read: (start, end) => readParts(objectAt(key), parts, start, end),
      };
    },
  };
  return storage;
}

const LIST = 'parts.json';

const isPart = (name: string): boolean => /^\d+$/.test(name);

const sorted = (parts: readonly Part[]): Part[] => [...parts].sort((a, b) => a.number - b.number);

const isComplete = (parts: (StoredPart | null)[]): parts is StoredPart[] => parts.every((part) => part !== null);

/** A part is opened when its turn comes: however many read a long object, each has one file open. */
async function* readParts(folder: string, parts: readonly StoredPart[], start: number, end: number) {
  const room = openRoom(end + 1 - start);
  let offset = 0;
  for (const { number, size } of parts) {
    const [from, to] = [Math.max(start - offset, 0), Math.min(end - offset, size - 1)];
    offset += size;
    if (from <= to) yield* readChunks(join(folder, String(number)), from, to, room);
  }
}

/** What the file system says of a part; null when it is not there. */
async function describe(path: string, number: number, isFolder = false): Promise<StoredPart | null> {
  const facts = await unlessMissing(stat(path, { bigint: true }));
  if (!facts || facts.isDirectory() !== isFolder) return null;
  const etag = `"${[facts.ino, facts.mtimeNs, facts.size].map((fact) => fact.toString(36)).join('-')}"`;
  return { number, etag, size: Number(facts.size) };
}

async function sweep(drafts: string, now: Date): Promise<void> {
  for (const { name } of (await readdir(drafts, { withFileTypes: true })) as Dirent[]) {
    const facts = await unlessMissing(stat(join(drafts, name)));
    if (facts && now.getTime() - facts.mtimeMs > DRAFT_MS)
      await rm(join(drafts, name), { recursive: true, force: true });
  }
}

async function unlessMissing<Value>(reading: Promise<Value>): Promise<Value | null> {
  try {
    return await reading;
  } catch (error) {
    if (isOneOf(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

const isOneOf = (error: unknown, ...codes: string[]): boolean =>
  codes.includes((error as NodeJS.ErrnoException).code ?? '');
