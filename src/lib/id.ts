import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 16;
/** 26 × 5 = 130 random bits: enough to serve as a secret by itself. */
const SECRET_CHARACTERS = 26;

/** The prefix of every id names its type; nobody needs to parse more than that. */
export const PREFIXES = {
  organization: 'org',
  accessToken: 'tok',
  customer: 'cus',
  customerSession: 'ses',
  product: 'prd',
  benefit: 'ben',
  subscription: 'sub',
  order: 'ord',
  refund: 'ref',
  manualGrant: 'man',
  grant: 'grt',
  licenseKey: 'lic',
  activation: 'act',
  checkout: 'chk',
  rollout: 'rol',
  event: 'evt',
  webhookEndpoint: 'whe',
  webhookDelivery: 'whd',
  webhookAttempt: 'wha',
  mail: 'mai',
} as const;

export type IdType = keyof typeof PREFIXES;

/** A new id: prefix, time in milliseconds, random bits; sorts by the time it was made. */
export function newId(type: IdType, now: Date = new Date()): string {
  return `${PREFIXES[type]}_${encodeTime(now.getTime())}${randomText(RANDOM_CHARACTERS)}`;
}

/** An id nobody can guess, for what its bearer alone may touch. */
export function newSecretId(type: IdType, now: Date = new Date()): string {
  return `${PREFIXES[type]}_${encodeTime(now.getTime())}${randomText(SECRET_CHARACTERS)}`;
}

/** Whether `id` could be of this type; spares the database what cannot be. */
export function isId(type: IdType, id: string): boolean {
  return id.startsWith(`${PREFIXES[type]}_`) && id.length < 64 && /^[0-9a-z_]+$/.test(id);
}

function encodeTime(milliseconds: number): string {
  let text = '';
  for (let rest = milliseconds; text.length < TIME_CHARACTERS; rest = Math.floor(rest / 32)) {
    text = ALPHABET.charAt(rest % 32) + text;
  }
  return text;
}

function randomText(characters: number): string {
  let text = '';
  for (const byte of randomBytes(characters)) text += ALPHABET.charAt(byte % 32);
  return text;
}
