import type { IncomingMessage } from 'node:http';
import type { Asked } from './documents.ts';

/** Why a request cannot be read, and the HTTP status that says so. */
export class UnreadableError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const MAX_BODY_BYTES = 1_000_000;
/** A body that is longer is heard to its end, so that its sender hears the answer; up to this. */
const MAX_DISCARDED_BYTES = 32_000_000;
const FIELDS = ['query', 'documentId', 'operationName', 'variables', 'extensions'] as const;

/** What a request asks, in its URL or in its body. Throws an UnreadableError. */
export async function readAsked(request: IncomingMessage, url: URL): Promise<Asked> {
  if (request.method === 'GET') return check(fromUrl(url.searchParams));
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new UnreadableError(415, 'Send JSON: content-type: application/json.');
  return check(parse(await readBody(request), 'The body'));
}

/** By events: waiting for each piece of a body with a promise costs more than everything else about it. */
function readBody(request: IncomingMessage): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const tooLong = () => reject(new UnreadableError(413, `The body is longer than ${MAX_BODY_BYTES} bytes.`));
  if (Number(request.headers['content-length'] ?? 0) > MAX_DISCARDED_BYTES) {
    tooLong();
    return promise;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    if (bytes <= MAX_DISCARDED_BYTES) return;
    request.pause();
    tooLong();
  });
  request.on('end', () => {
    const [first] = chunks;
    if (bytes > MAX_BODY_BYTES) tooLong();
    else resolve((first && chunks.length === 1 ? first : Buffer.concat(chunks)).toString('utf8'));
  });
  // Told as well when the other side goes away before the end.
  request.on('error', reject);
  return promise;
}

function fromUrl(search: URLSearchParams): unknown {
  const text = (name: string) => search.get(name) ?? undefined;
  const json = (name: string) => (search.get(name) ? parse(search.get(name) ?? '', name) : undefined);
  return {
    query: text('query'),
    documentId: text('documentId'),
    operationName: text('operationName'),
    variables: json('variables'),
    extensions: json('extensions'),
  };
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreadableError(400, `${what} is not valid JSON.`);
  }
}

function check(given: unknown): Asked {
  if (!isRecord(given))
    throw new UnreadableError(400, 'One JSON object is expected: {"query": "…", "variables": {…}}.');
  const asked: Record<string, unknown> = {};
  for (const name of FIELDS) {
    const value = given[name];
    if (value === undefined || value === null) continue;
    const isSound = name === 'variables' || name === 'extensions' ? isRecord(value) : typeof value === 'string';
    if (!isSound)
      throw new UnreadableError(
        400,
        `${name} must be ${name === 'variables' || name === 'extensions' ? 'an object' : 'text'}.`,
      );
    asked[name] = value;
  }
  return asked;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
