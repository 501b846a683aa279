/**
 * Hands chunks on, and gives the memory of each back as soon as the next is asked for. Left to the garbage collector, which
 * looks through the whole heap after every 64 MB of them, chunks cost more than all that is done with them, and
 * everybody else waits meanwhile.
 */
export async function* usedUp(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunks) {
    yield chunk;
    free(chunk);
  }
}

/** A chunk that shares its memory with others leaves it to them. */
function free({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
