import { createHash, randomBytes } from 'node:crypto';
import type { WorldClock } from './clock.ts';

/** What somebody allowed an application. */
export interface Consent {
  userId: string;
  scope: string;
  /** Where they added the bot, if it was about that. */
  placeId?: string;
}

interface Code extends Consent {
  redirectUri: string | undefined;
  challenge: string | undefined;
  expiresAt: number;
}

interface Issued extends Consent {
  expiresAt: number;
  /** The tokens that came together: when one is renewed, all of them end. */
  family: string;
}

/** Codes and tokens, as they are kept. */
export interface TokenState {
  codes: Map<string, Code>;
  access: Map<string, Issued>;
  refresh: Map<string, Issued>;
}

export const noTokens = (): TokenState => ({ codes: new Map(), access: new Map(), refresh: new Map() });

export interface TokenLife {
  accessMs: number;
  refreshMs: number;
  prefixes?: { access: string; refresh: string };
}

export interface Pair extends Consent {
  access: string;
  refresh: string;
}

const CODE_MS = 10 * 60_000;

/** OAuth's codes and tokens: a code is good once, and a refresh token ends with its use. */
export function openTokens(state: TokenState, clock: WorldClock, life: TokenLife) {
  const now = () => clock.now().getTime();
  const issue = ({ userId, scope, placeId }: Consent): Pair => {
    const family = secret();
    const access = `${life.prefixes?.access ?? ''}${secret()}`;
    const refresh = `${life.prefixes?.refresh ?? ''}${secret()}`;
    state.access.set(access, { userId, scope, family, expiresAt: now() + life.accessMs });
    state.refresh.set(refresh, { userId, scope, family, expiresAt: now() + life.refreshMs });
    return { access, refresh, userId, scope, ...(placeId && { placeId }) };
  };
  const end = (family: string): void => {
    for (const tokens of [state.access, state.refresh])
      for (const [token, issued] of tokens) if (issued.family === family) tokens.delete(token);
  };
  const live = (tokens: Map<string, Issued>, token: string): Issued | undefined => {
    const issued = tokens.get(token);
    return issued && issued.expiresAt > now() ? issued : undefined;
  };
  return {
    life,
    code(consent: Consent, asked: { redirectUri?: string; challenge?: string }): string {
      const code = secret(10);
      state.codes.set(code, {
        ...consent,
        redirectUri: asked.redirectUri,
        challenge: asked.challenge,
        expiresAt: now() + CODE_MS,
      });
      return code;
    },
    /** Null when the code is none, was used, is too old, came back to elsewhere, or its verifier does not fit. */
    redeem(code: string, given: { redirectUri?: string; verifier?: string }): Pair | null {
      const found = state.codes.get(code);
      state.codes.delete(code);
      if (!found || found.expiresAt <= now()) return null;
      if (found.redirectUri && given.redirectUri && found.redirectUri !== given.redirectUri) return null;
      if (found.challenge && found.challenge !== challengeOf(given.verifier ?? '')) return null;
      return issue(found);
    },
    renew(refresh: string): Pair | null {
      const found = live(state.refresh, refresh);
      if (!found) return null;
      end(found.family);
      return issue(found);
    },
    /** What an access token stands for, while it is good. */
    holder: (access: string): Consent | undefined => live(state.access, access),
    /** Ends a token of either sort, with those that came with it. */
    revoke(token: string): void {
      const found = state.access.get(token) ?? state.refresh.get(token);
      if (found) end(found.family);
    },
    /** They take back what they allowed. */
    withdraw(userId: string): void {
      for (const tokens of [state.access, state.refresh])
        for (const issued of tokens.values()) if (issued.userId === userId) end(issued.family);
    },
  };
}

export type Tokens = ReturnType<typeof openTokens>;

export const secret = (bytes = 24): string => randomBytes(bytes).toString('hex');

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');
