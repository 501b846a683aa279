import { type FileHandle, open } from 'node:fs/promises';
import { usedUp } from '../../lib/used-up.ts';

/** Bytes read and written at once. */
const CHUNK_BYTES = 524_288;

/** Two buffers, used in turns: while one is read into, the other is written from. New ones would cost half of all. */
export type Room = [Buffer, Buffer];

/** Room for `bytes`, which need not fit in at once. */
export function openRoom(bytes = CHUNK_BYTES): Room {
  const size = Math.min(bytes, CHUNK_BYTES);
  return [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)];
}

/** Reads a file from one place to another, both included. A chunk is good until the next is asked for. */
export async function* readChunks(
  path: string,
  from: number,
  to: number,
  room: Room,
): AsyncGenerator<Uint8Array, void> {
  await using file = await open(path);
  const read = (at: number): Promise<Uint8Array> | null => {
    if (at > to) return null;
    room.reverse();
    const chunk = readChunk(file, room[0], at, to + 1 - at);
    // Whoever went away does not wait for it.
    chunk.catch(() => {});
    return chunk;
  };
  for (let at = from, next = read(at); next; ) {
    const chunk = await next;
    at += chunk.length;
    next = read(at);
    yield chunk;
  }
}

/** Writes what comes into a file. The chunks are used up: nobody else may hold on to their memory. */
export async function writeChunks(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, 'w');
  const room = openRoom();
  let [filled, writing] = [0, Promise.resolve()];
  const write = async () => {
    await writing;
    writing = file.writeFile(room[0].subarray(0, filled));
    // Should what comes break off first, nobody waits for it.
    writing.catch(() => {});
    filled = 0;
    room.reverse();
  };
  for await (const chunk of usedUp(chunks)) {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.subarray(at, at + room[0].length - filled);
      room[0].set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled === room[0].length) await write();
    }
  }
  await write();
  await writing;
}

/** Waits until a file is on the disk, and not only on its way. */
export async function flush(path: string): Promise<void> {
  await using file = await open(path);
  await file.datasync();
}

async function readChunk(file: FileHandle, room: Buffer, at: number, most: number): Promise<Uint8Array> {
  const { bytesRead } = await file.read(room, 0, Math.min(room.length, most), at);
  if (bytesRead === 0) throw new Error('A part is shorter than its list says.');
  return room.subarray(0, bytesRead);
}
