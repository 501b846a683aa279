import { CodeChallengeMethod, OAuth2Client, OAuth2RequestError, type OAuth2Tokens } from 'arctic';
import { customersProblem, nobodysProblem, ProviderError } from './problem.ts';

const TIMEOUT_MS = 10_000;

export interface OAuthSettings {
  clientId: string;
  clientSecret: string;
  authorizeUrl: string;
  tokenUrl: string;
}

/** What a browser carries to the provider and back. */
export interface Journey {
  state: string;
  verifier: string;
  /** Where the provider sends it back to. */
  redirectUrl: string;
}

export interface GrantedTokens {
  accessToken: string;
  refreshToken: string | null;
  /** Milliseconds since 1970; null: good until refused. */
  expiresAt: number | null;
  scopes: string[];
  /** Everything the provider answered. */
  raw: Record<string, unknown>;
}

/** OAuth 2 with PKCE against addresses that come from configuration. */
export function openOAuth({ clientId, clientSecret, authorizeUrl, tokenUrl }: OAuthSettings) {
  const client = (redirectUrl: string | null) => new OAuth2Client(clientId, clientSecret, redirectUrl);
  return {
    authorizationUrl(
      { state, verifier, redirectUrl }: Journey,
      scopes: string[],
      extra: Record<string, string> = {},
    ): string {
      const url = client(redirectUrl).createAuthorizationURLWithPKCE(
        authorizeUrl,
        state,
        CodeChallengeMethod.S256,
        verifier,
        scopes,
      );
      for (const [name, value] of Object.entries(extra)) url.searchParams.set(name, value);
      return url.href;
    },
    /** Throws a ProviderError. */
    async redeem(code: string, { verifier, redirectUrl }: Omit<Journey, 'state'>): Promise<GrantedTokens> {
      const tokens = await inTime(client(redirectUrl).validateAuthorizationCode(tokenUrl, code, verifier));
      if (tokens === 'refused')
        throw new ProviderError(customersProblem('LINK_REFUSED', 'It was not confirmed. Begin anew.'));
      return tokens;
    },
    /** Throws a ProviderError when it is not known whether the tokens are still good. */
    refresh: (refreshToken: string): Promise<GrantedTokens | 'refused'> =>
      inTime(client(null).refreshAccessToken(tokenUrl, refreshToken, [])),
  };
}

async function inTime(asked: Promise<OAuth2Tokens>): Promise<GrantedTokens | 'refused'> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('It took too long.')), TIMEOUT_MS);
  try {
    return tokensOf(await Promise.race([asked, late.promise]));
  } catch (cause) {
    if (cause instanceof OAuth2RequestError) return 'refused';
    const problem = nobodysProblem(
      'PROVIDER_UNAVAILABLE',
      'The sign-in of the provider does not answer; it will be tried again.',
    );
    throw new ProviderError(problem, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Some answer a refusal with status 200. */
function tokensOf({ data }: OAuth2Tokens): GrantedTokens | 'refused' {
  const raw = data as Record<string, unknown>;
  if (typeof raw.error === 'string') return 'refused';
  if (typeof raw.access_token !== 'string') throw new Error('There is no access token in the answer.');
  return {
    accessToken: raw.access_token,
    refreshToken: typeof raw.refresh_token === 'string' ? raw.refresh_token : null,
    expiresAt: typeof raw.expires_in === 'number' ? Date.now() + raw.expires_in * 1000 : null,
    scopes: String(raw.scope ?? '')
      .split(/[ ,]+/)
      .filter(Boolean),
    raw,
  };
}
