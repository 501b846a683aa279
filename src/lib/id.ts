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
  linkedAccount: 'acc',
  accountLink: 'lnk',
  integration: 'int',
  file: 'fil',
  fileVersion: 'fvr',
  draft: 'drf',
  meter: 'met',
  usageEvent: 'use',
  creditBalance: 'bal',
  creditLot: 'lot',
  creditEntry: 'cre',
  creditHold: 'hld',
  creditThreshold: 'thr',
} as const;

export type IdType = keyof typeof PREFIXES;

/** A new id: prefix, time in milliseconds, random bits; ids of one process sort in the order they were made. */
export function newId(type: IdType, now: Date = new Date()): string {
  const time = encodeTime(now.getTime());
  const tail = time === newest.time ? next(newest.tail) : randomText(RANDOM_CHARACTERS);
  newest = { time, tail };
  return `${PREFIXES[type]}_${time}${tail}`;
}

/** Of several ids made in one millisecond each begins where the last one ended. */
let newest = { time: '', tail: '' };

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

/** The text that sorts right after; the last of all begins anew. */
function next(text: string): string {
  const last = ALPHABET.indexOf(text.charAt(text.length - 1));
  const head = text.slice(0, -1);
  if (last < ALPHABET.length - 1) return head + ALPHABET.charAt(last + 1);
  return (head && next(head)) + ALPHABET.charAt(0);
}
