import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';

/** What the header of everything signed here says, so that no verifier needs to guess. */
export const ALGORITHM = 'EdDSA';

/** A key pair as JSON; its id is the thumbprint of the public key (RFC 7638). */
export interface KeyPair {
  id: string;
  publicKey: JWK;
  privateKey: JWK;
}

export type SigningKey = Awaited<ReturnType<typeof readPrivateKey>>;

export async function newKeyPair(): Promise<KeyPair> {
  const pair = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const publicJwk = await exportJWK(pair.publicKey);
  const id = await calculateJwkThumbprint(publicJwk);
  const publicKey = { ...publicJwk, kid: id, alg: ALGORITHM, use: 'sig' };
  return { id, publicKey, privateKey: await exportJWK(pair.privateKey) };
}

export async function readPrivateKey(id: string, privateKey: JWK) {
  return { id, key: await importJWK(privateKey, ALGORITHM) };
}

/** Claims as a compact JWS. `type` keeps one kind of statement from being taken for another. */
export const signClaims = ({ id, key }: SigningKey, type: string, claims: JWTPayload): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, typ: type, kid: id }).sign(key);
