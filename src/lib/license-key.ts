import { createHash, randomBytes } from 'node:crypto';

/** Without I, L, O and U: nothing that reads like something else. 32 characters, 5 bits each. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RANDOM_CHARACTERS = 22;
const CHECKSUM_CHARACTERS = 2;
const GROUP = 4;
const GROUPS = (RANDOM_CHARACTERS + CHECKSUM_CHARACTERS) / GROUP;
const LONGEST_KEY = 200;
const LOOK_ALIKES: Record<string, string> = { I: '1', L: '1', O: '0' };

/**
 * A new key, `PREFIX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`: 110 random bits and two characters of checksum, so that a typing
 * mistake is told apart without asking a server.
 */
export function newLicenseKey(prefix: string): string {
  let body = '';
  for (const byte of randomBytes(RANDOM_CHARACTERS)) body += ALPHABET.charAt(byte % 32);
  const groups = (body + checksum(prefix, body)).match(/.{4}/g) ?? [];
  return [prefix, ...groups].filter((part) => part !== '').join('-');
}

/**
 * The one spelling under which a key is stored and looked up: upper case, no spaces or dashes, and in the random part
 * the characters people read wrongly put right. Keys that were not made here are compared by their letters and digits.
 */
export function normalizeLicenseKey(input: string): string {
  const text = input
    .slice(0, LONGEST_KEY)
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '');
  const cut = text.length - RANDOM_CHARACTERS - CHECKSUM_CHARACTERS;
  if (cut < 0) return text;
  return text.slice(0, cut) + text.slice(cut).replace(/[ILO]/g, (character) => LOOK_ALIKES[character] ?? character);
}

/** Whether a key in its normal spelling could have been made here: the checksum of its last characters holds. */
export function hasChecksum(normalized: string): boolean {
  const cut = normalized.length - RANDOM_CHARACTERS - CHECKSUM_CHARACTERS;
  if (cut < 0) return false;
  const body = normalized.slice(cut, -CHECKSUM_CHARACTERS);
  return normalized.endsWith(checksum(normalized.slice(0, cut), body));
}

/** What a key begins with, before its random groups. */
export const prefixOf = (key: string): string => key.split('-').slice(0, -GROUPS).join('-');

/** What may be shown of a key: enough to tell two apart, not enough to use. */
export function displayLicenseKey(key: string): string {
  const prefix = prefixOf(key);
  return `${prefix && `${prefix}-`}****-${key.slice(-GROUP)}`;
}

function checksum(prefix: string, body: string): string {
  const digest = createHash('sha256').update(`${prefix}:${body}`).digest();
  return ALPHABET.charAt(digest.readUInt8(0) % 32) + ALPHABET.charAt(digest.readUInt8(1) % 32);
}
