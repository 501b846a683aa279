import { createHmac, timingSafeEqual } from 'node:crypto';

export interface WebhookEvent {
  /** `benefit_grant.created` … */
  type: string;
  timestamp: string;
  // biome-ignore lint/suspicious/noExplicitAny: what it carries depends on the type, and grows
  data: any;
}

/** Older and younger than this is not believed: it may have been recorded. */
const TOLERANCE_SECONDS = 300;

/**
 * The event in a webhook, once its signature holds; throws when it does not. `body` exactly as it came, not parsed and
 * written anew; `secret` begins with `whsec_`. Standard Webhooks: any library of theirs does the same.
 */
export function validateEvent(
  body: string | Uint8Array,
  headers: Record<string, string | string[] | undefined>,
  secret: string,
): WebhookEvent {
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    String(headers[name] ?? ''),
  ) as [string, string, string];
  if (Math.abs(Date.now() / 1000 - Number(timestamp || Number.NaN)) <= TOLERANCE_SECONDS) {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest();
    const given = signatures.split(' ').map((one) => Buffer.from(one.replace(/^v1,/, ''), 'base64'));
    if (given.some((one) => one.length === expected.length && timingSafeEqual(one, expected))) return JSON.parse(text);
  }
  throw new Error('The signature of this webhook does not hold.');
}
