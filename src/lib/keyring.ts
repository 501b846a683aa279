import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MARK_BYTES = 4;

/**
 * What hashes and seals with BOON_SECRET. Given several secrets the first one writes and all of them read,
 * so that a secret can be rotated while what the older ones sealed still opens.
 */
export interface Keyring {
  /** Keyed hash under the newest secret: what is stored. */
  digest(text: string): Uint8Array<ArrayBuffer>;
  /** The hashes `text` may be stored under, newest first: what is looked up. */
  digests(text: string): Uint8Array<ArrayBuffer>[];
  seal(text: string): Uint8Array<ArrayBuffer>;
  /** Throws when none of the secrets sealed it, or when it was altered. */
  open(sealed: Uint8Array): string;
}

export function openKeyring(secrets: readonly string[]): Keyring {
  const keys = secrets.map(derive);
  const newest = keys[0];
  if (!newest) throw new Error('A keyring needs at least one secret.');
  const hash = (key: Key, text: string) => bytes(createHmac('sha256', key.hashing).update(text).digest());

  return {
    digest: (text) => hash(newest, text),
    digests: (text) => keys.map((key) => hash(key, text)),
    seal(text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, newest.sealing, nonce);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return bytes(Buffer.concat([newest.mark, nonce, cipher.getAuthTag(), body]));
    },
    open(sealed) {
      const [mark, nonce, tag, body] = split(Buffer.from(sealed), MARK_BYTES, NONCE_BYTES, TAG_BYTES);
      const key = keys.find((candidate) => candidate.mark.equals(mark));
      if (!key) throw new Error('None of the secrets in BOON_SECRET sealed this.');
      const decipher = createDecipheriv(CIPHER, key.sealing, nonce).setAuthTag(tag);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
    },
  };
}

/** A random secret to show once, with a prefix that tells secret scanners and people what it is. */
export const newToken = (prefix: string): string => `${prefix}_${randomBytes(32).toString('base64url')}`;

interface Key {
  /** Tells which secret sealed something, without telling the secret. */
  mark: Buffer;
  /** Kept as keys: made from bytes at each use, they would cost more than the hashing. */
  hashing: KeyObject;
  sealing: KeyObject;
}

function derive(secret: string): Key {
  const bytes = (purpose: string, length: number) => Buffer.from(hkdfSync('sha256', secret, 'boon', purpose, length));
  const key = (purpose: string) => createSecretKey(bytes(purpose, 32));
  return { mark: bytes('mark', MARK_BYTES), hashing: key('hash'), sealing: key('seal') };
}

function split(whole: Buffer, first: number, second: number, third: number) {
  const at = [first, first + second, first + second + third] as const;
  return [
    whole.subarray(0, at[0]),
    whole.subarray(at[0], at[1]),
    whole.subarray(at[1], at[2]),
    whole.subarray(at[2]),
  ] as const;
}

/** Prisma wants plain byte arrays that own their memory. */
const bytes = (buffer: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(buffer);
