import { type Journey, openOAuth } from '../oauth.ts';
import { merchantsProblem, ProviderError } from '../problem.ts';
import type { Ask } from './client.ts';
import type { DiscordSettings } from './settings.ts';

/** To know who it is, and to take them into servers. */
const SCOPES = ['identify', 'guilds.join'];
/** Manage Roles, Kick Members, Create Invite, View Channel, Send Messages. */
const BOT_PERMISSIONS = String((1n << 28n) | (1n << 1n) | 1n | (1n << 10n) | (1n << 11n));

/** People who show who they are by OAuth. */
export function openDiscordPeople({ clientId, clientSecret, apiUrl, url }: DiscordSettings, ask: Ask) {
  const oauth = openOAuth({
    clientId,
    clientSecret,
    authorizeUrl: `${url}/oauth2/authorize`,
    tokenUrl: `${apiUrl}/oauth2/token`,
  });
  return {
    authorizationUrl: (journey: Journey) => oauth.authorizationUrl(journey, SCOPES),
    /** Who came back, with the tokens it takes to let them into servers. */
    async identify(code: string, journey: Omit<Journey, 'state'>) {
      const { accessToken, refreshToken, expiresAt, scopes } = await oauth.redeem(code, journey);
      const user = await ask<{ id: string; username: string }>((rest, signal) =>
        rest.get('/users/@me', { auth: false, headers: { authorization: `Bearer ${accessToken}` }, signal }),
      );
      const tokens = JSON.stringify({ accessToken, refreshToken, expiresAt });
      return { accountId: user.id, username: user.username, scopes, tokens };
    },
    async refresh(refreshToken: string) {
      const next = await oauth.refresh(refreshToken);
      if (next === 'refused') return next;
      const { accessToken, expiresAt } = next;
      return { accessToken, refreshToken: next.refreshToken ?? refreshToken, expiresAt };
    },
    /** Where somebody who manages a server adds our bot to it. */
    installationUrl: (journey: Journey) => oauth.authorizationUrl(journey, ['bot'], { permissions: BOT_PERMISSIONS }),
    /** The server that whoever came back has just added our bot to: only who manages it can. */
    async placesOf(code: string, journey: Omit<Journey, 'state'>) {
      const { raw } = await oauth.redeem(code, journey);
      const server = raw.guild as { id: string; name: string } | undefined;
      if (!server) throw new ProviderError(merchantsProblem('NO_SERVER', 'No server was chosen.'));
      return [{ placeId: server.id, name: server.name }];
    },
  };
}
