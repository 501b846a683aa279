import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

/** As Standard Webhooks writes them, so that stock libraries take them as they are. */
const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;
const VERSION = 'v1';

/** A new secret to sign with: 256 random bits. */
export const newSigningSecret = (): string => SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64');

export interface Message {
  id: string;
  sentAt: Date;
  /** What is sent, byte for byte. */
  body: string;
}

/** The headers by which a receiver knows who sent a message, whichever of these secrets it has. */
export function signatureHeaders(secrets: readonly string[], { id, sentAt, body }: Message): Record<string, string> {
  const timestamp = Math.floor(sentAt.getTime() / 1_000);
  const signed = `${id}.${timestamp}.${body}`;
  const signatures = secrets.flatMap(keysOf).map((key) => `${VERSION},${hmac(key, signed)}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}

/**
 * Standard Webhooks keys with the bytes that the secret spells in base64; older receivers of this format key with the
 * text of the whole secret. Either finds a signature that is meant for it.
 */
const keysOf = (secret: string): (KeyObject | string)[] => [
  createSecretKey(secret.slice(SECRET_PREFIX.length), 'base64'),
  secret,
];

const hmac = (key: KeyObject | string, text: string): string => createHmac('sha256', key).update(text).digest('base64');
