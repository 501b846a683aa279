const NEWLINE = 0x0a;

/**
 * The lines of a stream of bytes, the last one too if it ends without a newline. A line longer than `most` bytes is
 * null, and is not held in memory.
 */
export async function* splitLines(source: AsyncIterable<Buffer>, most: number): AsyncGenerator<string | null> {
  let held: Buffer[] = [];
  let bytes = 0;
  const add = (part: Buffer) => {
    bytes += part.length;
    if (bytes <= most) held.push(part);
    else held = [];
  };
  const end = () => {
    const line = bytes <= most ? Buffer.concat(held).toString('utf8') : null;
    held = [];
    bytes = 0;
    return line;
  };
  for await (const chunk of source) {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, to));
      yield end();
      from = to + 1;
    }
    add(chunk.subarray(from));
  }
  if (bytes > 0) yield end();
}
