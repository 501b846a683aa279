import type { ServerResponse } from 'node:http';
import { toSeconds } from '../domain/licenses/checkout.ts';
import { REVOCATIONS_TYPE, readRevocations } from '../domain/licenses/revocations.ts';
import type { Services } from '../graphql/context.ts';
import { DAY_MS, SECOND_MS } from '../lib/time.ts';

type Page = (request: unknown, response: ServerResponse) => Promise<void>;

const KEYS_AGE_SECONDS = 300;
const REVOCATIONS_AGE_SECONDS = 60;
/** Whoever is offline for longer than this has no list they can rely on. */
const REVOCATIONS_GOOD_SECONDS = DAY_MS / SECOND_MS;
/** However many ask, the list is made once a second. */
const REMADE_MS = SECOND_MS;

/** What verifies licenses without this server: its public keys, and which licenses it has revoked. */
export function openWellKnown({ database, signer, clock, url }: Services): Record<string, Page> {
  let list: { madeAt: number; text: Promise<string> } | null = null;

  const make = async (): Promise<string> => {
    const now = clock();
    const claims = { iss: url, iat: toSeconds(now), exp: toSeconds(now) + REVOCATIONS_GOOD_SECONDS };
    return signer.sign(REVOCATIONS_TYPE, { ...claims, revoked: await readRevocations(database, now) });
  };
  const revocations = (): Promise<string> => {
    if (!list || performance.now() - list.madeAt > REMADE_MS) list = { madeAt: performance.now(), text: make() };
    return list.text;
  };
  const send = (response: ServerResponse, type: string, seconds: number, body: string): void => {
    response.setHeader('access-control-allow-origin', '*');
    response.writeHead(200, { 'content-type': type, 'cache-control': `public, max-age=${seconds}` }).end(body);
  };

  return {
    '/.well-known/jwks.json': async (_request, response) => {
      const keys = await signer.published();
      send(response, 'application/jwk-set+json', KEYS_AGE_SECONDS, `${JSON.stringify({ keys })}\n`);
    },
    '/.well-known/license-revocations.jwt': async (_request, response) =>
      send(response, 'application/jwt', REVOCATIONS_AGE_SECONDS, await revocations()),
  };
}
