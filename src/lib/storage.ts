/**
 * Where the bytes of files are kept: an S3 service, or a folder. Whoever holds a signed URL puts or gets bytes with it,
 * without a token, until it expires. A URL may be relative to where this server is reached.
 */
export interface Storage {
  /** Begins an upload in parts at `key` and answers its name. Nothing is at `key` before it is completed. */
  begin(key: string, contentType: string): Promise<string>;
  /** A URL that takes one part by PUT and answers its ETag. A part that is put again replaces the one before. */
  signPart(upload: Upload, number: number, seconds: number): Promise<Signed>;
  /** The parts that are there, by number; null when there is no such upload, or no longer. */
  parts(upload: Upload): Promise<StoredPart[] | null>;
  /**
   * Makes the parts one object. Twice is harmless. False when the store has no such parts, or another version of them.
   */
  complete(upload: Upload, parts: readonly Part[]): Promise<boolean>;
  /** Puts something small at once. */
  write(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** Bytes at `key`; null when nothing is there. */
  size(key: string): Promise<number | null>;
  /** Reads from the beginning to the end, as fast as it is asked. A chunk is good until the next is asked for. */
  read(key: string): Promise<AsyncIterable<Uint8Array>>;
  /** A URL that gives the bytes by GET, ranges included, as a download of this name. */
  signDownload(key: string, as: { name: string; contentType: string; seconds: number }): Promise<string>;
  /** Takes away what is at `key`, and every upload that was begun there. Twice is harmless. */
  remove(key: string): Promise<void>;
}

export interface Upload {
  key: string;
  uploadId: string;
}

export interface Part {
  /** From 1. */
  number: number;
  /** Names exactly these bytes, as the store answered them. */
  etag: string;
}

export interface StoredPart extends Part {
  /** In bytes. */
  size: number;
}

/** What to send a part to, and with which headers. */
export interface Signed {
  url: string;
  headers: { name: string; value: string }[];
}

/** What every store allows. */
export const MOST_PARTS = 10_000;

/** Browsers and libraries differ about the quotation marks around an ETag; S3 writes them. */
export const quoted = (etag: string): string => `"${etag.replace(/^(W\/)?"?|"?$/g, '')}"`;
