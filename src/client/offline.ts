import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { BoonError } from './transport.ts';

/** What a signed license says; times in seconds, as RFC 7519 has them. */
export interface LicenseClaims extends JWTPayload {
  jti: string;
  exp: number;
  benefitId: string;
  customerId: string;
  customerExternalId: string | null;
  activationId: string | null;
  /** The machine it is good for; null: any. */
  fingerprint: string | null;
  expiresAt: string | null;
  paidThrough: string | null;
}

export interface Circumstances {
  /** What this machine is known by. */
  fingerprint?: string | null;
  /** For how long after its end it is still let through. Default none. */
  graceMs?: number;
  /** The `jti` of licenses that were revoked. */
  revoked?: readonly string[];
  now?: Date;
}

/** The claims of a signed license that is good here and now, without asking anyone; null when it is not. */
export async function verifyLicense(
  license: string,
  keys: JSONWebKeySet,
  { fingerprint, graceMs = 0, revoked = [], now = new Date() }: Circumstances = {},
): Promise<LicenseClaims | null> {
  try {
    const { payload } = await jwtVerify<LicenseClaims>(license, createLocalJWKSet(keys), {
      typ: 'boon-license+jwt',
      algorithms: ['EdDSA'],
      currentDate: now,
      clockTolerance: graceMs / 1000,
      requiredClaims: ['jti', 'exp'],
    });
    const elsewhere = payload.fingerprint !== null && payload.fingerprint !== (fingerprint ?? null);
    return elsewhere || revoked.includes(payload.jti) ? null : payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}

/** What verifying takes, fetched while there is a network: Boon's public keys, and which licenses it has revoked. */
export async function fetchTrust(url: string): Promise<{ keys: JSONWebKeySet; revoked: string[] }> {
  try {
    const keys = JSON.parse(await get(url, 'jwks.json')) as JSONWebKeySet;
    const list = await get(url, 'license-revocations.jwt');
    const { payload } = await jwtVerify<{ revoked: string[] }>(list, createLocalJWKSet(keys), {
      typ: 'boon-license-revocations+jwt',
      algorithms: ['EdDSA'],
      // It comes from Boon itself, this moment: this machine's clock has no say.
      clockTolerance: Number.MAX_SAFE_INTEGER,
    });
    return { keys, revoked: payload.revoked };
  } catch (cause) {
    throw new BoonError(`What verifies licenses could not be fetched from ${url}.`, { code: 'UNREACHABLE', cause });
  }
}

async function get(url: string, name: string): Promise<string> {
  const response = await fetch(new URL(`/.well-known/${name}`, url), { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response.text();
}

const TIMEOUT_MS = 10_000;
