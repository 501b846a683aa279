import { BoonError, type Connection, isAway, openTransport, type Transport } from './transport.ts';

/** How far a file has come, in bytes of the phase it is in. */
export interface Progress {
  phase: 'UPLOADING' | 'VERIFYING' | 'READY';
  bytes: number;
  of: number;
}

export interface Upload {
  /** What is uploaded: a File of a browser, or in Node `await openAsBlob(path)`. */
  source: Blob;
  /** The name it is saved under; needed unless it goes into a file that is there. */
  name?: string;
  contentType?: string;
  /** In hexadecimal digits; Boon compares it with what arrived. */
  sha256?: string;
  /** Goes on with the upload of this file that broke off; the same bytes must be given. */
  resume?: string;
  /** Makes this a new version of that file. */
  replaces?: string;
  /** What is new in a version. */
  note?: string;
  /** How many parts are sent at once. Default 4. */
  parallel?: number;
  /** Ends it; what was sent stays for 24 hours, to be resumed. */
  signal?: AbortSignal;
  /** Told the id as soon as there is one: what `resume` takes. */
  onBegin?: (id: string) => void;
  onProgress?: (progress: Progress) => void;
}

const PARALLEL = 4;
const ATTEMPTS = 6;
const FIRST_DELAY_MS = 250;
const LOOK_MS = 500;
/** How many parts are signed at once; URLs are good for an hour, and used sooner. */
const PAGE = 100;

interface Signed {
  number: number;
  url: string;
  headers: { name: string; value: string }[];
}

/** Uploads a file, in Node or in a browser, and waits until it is READY. Throws a BoonError that says why it is not. */
export async function uploadFile(connection: Connection, upload: Upload): Promise<{ id: string; sha256: string }> {
  const transport = patient(openTransport(connection), upload.signal);
  const id = upload.resume ?? (await announce(transport, upload));
  upload.onBegin?.(id);
  const parts = await sendParts(transport, id, upload);
  if (parts) await transport.change('CompleteFile', { id, parts });
  return { id, sha256: await untilReady(transport, id, upload) };
}

/** Asks again while nobody answers: Boon may be starting anew, and an upload takes hours. */
const patient = ({ query, change }: Transport, signal: AbortSignal | undefined): Transport => ({
  change,
  async query(operation, variables) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await query(operation, variables);
      } catch (error) {
        if (!isAway(error) || attempt === ATTEMPTS) throw error;
      }
      await pause(FIRST_DELAY_MS * 2 ** (attempt - 1), signal);
    }
  },
});

/** Gives up an upload that broke off, and its space back. */
export async function abandonUpload(connection: Connection, id: string): Promise<void> {
  await openTransport(connection).change('AbortFileUpload', { id });
}

async function announce(transport: Transport, { source, name, contentType, sha256, replaces, note }: Upload) {
  const facts = { size: String(source.size), contentType: contentType ?? (source.type || undefined), sha256 };
  const answer = replaces
    ? await transport.change<{ file: { id: string } }>('CreateFileVersion', { ...facts, id: replaces, note })
    : await transport.change<{ file: { id: string } }>('CreateFile', { ...facts, name });
  return answer.file.id;
}

/** Null when all was sent before. */
async function sendParts(transport: Transport, id: string, upload: Upload) {
  const { source, signal, parallel = PARALLEL, onProgress } = upload;
  const told = await transport.query<{
    file: {
      upload: {
        partSize: number;
        partCount: number;
        uploaded: { number: number; size: number; etag: string }[];
      } | null;
    } | null;
  }>('FileUpload', { id });
  if (!told.file) throw new BoonError('There is no such file.', { code: 'NOT_FOUND' });
  if (!told.file.upload) return null;
  const { partSize, partCount, uploaded } = told.file.upload;
  const sliceOf = (number: number) => source.slice((number - 1) * partSize, Math.min(number * partSize, source.size));
  const etags = new Map<number, string>();
  for (const { number, size, etag } of uploaded) if (size === sliceOf(number).size) etags.set(number, etag);
  const missing = Array.from({ length: partCount }, (_, index) => index + 1).filter((number) => !etags.has(number));

  let bytes = [...etags.keys()].reduce((sum, number) => sum + sliceOf(number).size, 0);
  const tell = () => onProgress?.({ phase: 'UPLOADING', bytes, of: source.size });
  tell();
  const sign = openSigning(transport, id);
  // One that fails for good ends the others.
  const failed = new AbortController();
  const ending = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]);
  const send = async (): Promise<void> => {
    for (let number = missing.shift(); number !== undefined; number = missing.shift()) {
      const slice = sliceOf(number);
      etags.set(number, await putPart(sign, number, slice, ending));
      bytes += slice.size;
      tell();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(parallel, missing.length) }, send));
  } catch (error) {
    failed.abort();
    throw error;
  }
  return [...etags].map(([number, etag]) => ({ number, etag })).sort((a, b) => a.number - b.number);
}

type Sign = (number: number, anew: boolean) => Promise<Signed>;

/** Parts are signed a page at a time, and one that is refused alone. */
function openSigning(transport: Transport, id: string): Sign {
  const pages = new Map<number, Promise<Signed[]>>();
  const ask = async (first: number, after: number) => {
    const { file } = await transport.query<{ file: { upload: { parts: Signed[] } | null } | null }>('SignFileParts', {
      id,
      first,
      after,
    });
    return file?.upload?.parts ?? [];
  };
  return async (number, anew) => {
    const page = Math.floor((number - 1) / PAGE);
    const known = pages.get(page) ?? ask(PAGE, page * PAGE);
    pages.set(page, known);
    const [one] = anew ? await ask(1, number - 1) : (await known).filter((part) => part.number === number);
    if (!one) throw new BoonError('The upload is over.', { code: 'CONFLICT' });
    return one;
  };
}

async function putPart(sign: Sign, number: number, body: Blob, signal: AbortSignal): Promise<string> {
  let refused = false;
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const { url, headers } = await sign(number, refused);
    try {
      const pairs = headers.map(({ name, value }): [string, string] => [name, value]);
      const answer = await fetch(url, { method: 'PUT', body, headers: pairs, signal });
      const etag = answer.headers.get('etag');
      if (answer.ok && etag) return etag;
      if (answer.ok) throw new BoonError('The store must expose the header ETag.', { code: 'CONFLICT' });
      refused = answer.status === 403;
      throw new Error(`The store answered with ${answer.status}.`);
    } catch (cause) {
      if (signal.aborted || cause instanceof BoonError) throw cause;
      if (attempt === ATTEMPTS)
        throw new BoonError(`Part ${number} could not be uploaded.`, { code: 'UNREACHABLE', cause });
      await pause(FIRST_DELAY_MS * 2 ** (attempt - 1), signal);
    }
  }
}

async function untilReady(transport: Transport, id: string, { signal, onProgress }: Upload): Promise<string> {
  for (;;) {
    signal?.throwIfAborted();
    const { file } = await transport.query<{
      file: {
        versions: {
          status: string;
          failure: string | null;
          size: string;
          verifiedBytes: string;
          sha256: string | null;
        }[];
      } | null;
    }>('FileStatus', { id });
    const newest = file?.versions[0];
    const of = Number(newest?.size ?? 0);
    if (newest?.status === 'READY' && newest.sha256) {
      onProgress?.({ phase: 'READY', bytes: of, of });
      return newest.sha256;
    }
    if (newest?.status !== 'VERIFYING')
      throw new BoonError(newest?.failure ?? 'The file is gone.', { code: 'CONFLICT' });
    onProgress?.({ phase: 'VERIFYING', bytes: Number(newest.verifiedBytes), of });
    await pause(LOOK_MS, signal);
  }
}

const pause = (milliseconds: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = () => reject(signal?.reason);
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', end, { once: true });
    if (signal?.aborted) {
      clearTimeout(timer);
      end();
    }
  });
