import { Octokit } from '@octokit/core';
import { type Journey, openOAuth } from '../oauth.ts';
import { ask } from './client.ts';
import { pages } from './pages.ts';
import type { GithubSettings } from './settings.ts';

/** People who show who they are by OAuth. */
export function openGithubPeople(settings: GithubSettings) {
  const { clientId, clientSecret, url, apiUrl } = settings;
  const oauth = openOAuth({
    clientId,
    clientSecret,
    authorizeUrl: `${url}/login/oauth/authorize`,
    tokenUrl: `${url}/login/oauth/access_token`,
  });
  const as = (token: string) => new Octokit({ auth: token, baseUrl: apiUrl, userAgent: 'boon' });

  return {
    authorizationUrl: (journey: Journey) => oauth.authorizationUrl(journey, []),
    /** Who came back. Nothing is done in their name, so no token is kept. */
    async identify(code: string, journey: Omit<Journey, 'state'>) {
      const { accessToken } = await oauth.redeem(code, journey);
      const { data } = await ask((request) => as(accessToken).request('GET /user', { request }));
      return { accountId: String(data.id), username: data.login, scopes: [], tokens: null };
    },
    /** Where somebody shows which accounts are theirs. */
    installationUrl: (journey: Journey) => oauth.authorizationUrl(journey, []),
    /** The accounts with our App that whoever came back may give away: their own, and those of organizations they own. */
    async placesOf(code: string, journey: Omit<Journey, 'state'>) {
      const { accessToken } = await oauth.redeem(code, journey);
      const client = as(accessToken);
      const me = await ask((request) => client.request('GET /user', { request }));
      const installations = await pages(async (page) => {
        const { data } = await ask((request) => client.request('GET /user/installations', { ...page, request }));
        return data.installations;
      });
      const places = [];
      for (const { account } of installations) {
        if (!account || !('login' in account)) continue;
        const isTheirs = account.type === 'User' ? account.id === me.data.id : await owns(client, account.login);
        if (isTheirs) places.push({ placeId: String(account.id), name: account.login });
      }
      return places;
    },
  };
}

async function owns(client: Octokit, org: string): Promise<boolean> {
  try {
    const { data } = await ask((request) => client.request('GET /user/memberships/orgs/{org}', { org, request }));
    return data.role === 'admin' && data.state === 'active';
  } catch {
    return false;
  }
}
