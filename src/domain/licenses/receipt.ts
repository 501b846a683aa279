import { createHash } from 'node:crypto';
import { normalizeLicenseKey } from '../../lib/license-key.ts';
import { toSeconds } from './checkout.ts';
import type { Signer } from './signer.ts';
import type { Answer } from './validation.ts';

/** What its header calls a signed answer. */
export const RECEIPT_TYPE = 'boon-license-validation+jwt';
const GOOD_SECONDS = 300;
export const LONGEST_NONCE = 200;

export interface Asked {
  key: string;
  nonce: string;
}

/**
 * The answer to one question, signed: whoever asked with a fresh nonce knows that it was not recorded earlier, nor made
 * by somebody between. The key stands in it as a hash.
 */
export function sign(
  signer: Signer,
  { key, nonce }: Asked,
  answer: Answer,
  at: { now: Date; issuer: string },
): Promise<string> {
  const { valid, code, reasons, usage, limitUsage, expiresAt, activation, customer, licenseKeyId } = answer;
  return signer.sign(RECEIPT_TYPE, {
    iss: at.issuer,
    ...(licenseKeyId && { sub: licenseKeyId }),
    iat: toSeconds(at.now),
    exp: toSeconds(at.now) + GOOD_SECONDS,
    nonce,
    keySha256: createHash('sha256').update(normalizeLicenseKey(key)).digest('base64url'),
    valid,
    code,
    reasons,
    usage,
    limitUsage,
    expiresAt: expiresAt?.toISOString() ?? null,
    activationId: activation?.id ?? null,
    customerId: customer?.id ?? null,
  });
}
