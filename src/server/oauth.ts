import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from '../../prisma/generated/client/client.ts';
import * as accounts from '../domain/accounts/accounts.ts';
import * as links from '../domain/accounts/links.ts';
import * as integrations from '../domain/integrations/integrations.ts';
import type { Services } from '../graphql/context.ts';
import { html } from '../lib/html.ts';
import { ProviderError } from '../providers/problem.ts';

type Page = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const PROVIDERS: readonly Provider[] = ['GITHUB', 'DISCORD'];
const HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

/** The way to a third party and back, for those who show that an account or a place there is theirs. */
export function openOAuth(services: Services): Record<string, Page> {
  return Object.fromEntries(
    PROVIDERS.flatMap((provider) => {
      const path = `/oauth/${provider.toLowerCase()}`;
      const way = { provider, path, redirectUrl: `${services.url}${path}/callback` };
      return [
        [path, (request, response) => setOut(services, way, request, response)],
        [`${path}/callback`, (request, response) => comeBack(services, way, request, response)],
      ] as [string, Page][];
    }),
  );
}

interface Way {
  provider: Provider;
  path: string;
  redirectUrl: string;
}

/** Gives the browser what only it will have, and sends it on. */
async function setOut(
  { transaction, means, url }: Services,
  way: Way,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const { provider, redirectUrl } = way;
  const people = means[peopleOf(provider)]?.people;
  const ticket = searchOf(request).get('ticket') ?? '';
  const journey = people && (await transaction((tx) => links.begin(tx, provider, ticket)));
  if (!journey) return refuse(response);
  const { state, verifier, link } = journey;
  const to = link.customerId
    ? people.authorizationUrl({ state, verifier, redirectUrl })
    : people.installationUrl({ state, verifier, redirectUrl });
  response.setHeader('set-cookie', cookie(way, verifier, links.LINK_MS / 1000, url));
  response.writeHead(302, { ...HEADERS, location: to }).end();
}

/** What comes back is good once, in the browser that set out. */
async function comeBack(services: Services, way: Way, request: IncomingMessage, response: ServerResponse) {
  const { transaction, means, url, log } = services;
  const { provider, redirectUrl } = way;
  const people = means[peopleOf(provider)]?.people;
  const search = searchOf(request);
  const [state, code] = [search.get('state') ?? '', search.get('code')];
  const verifier = verifierOf(way, request);
  const link = people && verifier ? await transaction((tx) => links.finish(tx, provider, { state, verifier })) : null;
  response.setHeader('set-cookie', cookie(way, '', 0, url));
  if (!people || !link || !verifier) return refuse(response);
  if (!code) return arrive(response, link, provider, 'denied');
  try {
    const { organizationId, customerId } = link;
    if (customerId) {
      const identity = await people.identify(code, { verifier, redirectUrl });
      const types = services.kinds.filter(({ account }) => account === provider).map(({ type }) => type);
      await transaction((tx) => accounts.link(tx, { organizationId, customerId, types }, provider, identity));
    } else {
      const places = await people.placesOf(code, { verifier, redirectUrl });
      await transaction((tx) => integrations.connect(tx, { organizationId, provider, places }));
      if (places.length === 0) return arrive(response, link, provider, 'nothing');
    }
    arrive(response, link, provider, 'linked');
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    log.warn('An account could not be linked.', { provider, error: error.cause ?? error });
    arrive(response, link, provider, 'failed');
  }
}

const peopleOf = (provider: Provider) => (provider === 'GITHUB' ? 'github' : 'discord');

const searchOf = ({ url = '' }: IncomingMessage): URLSearchParams => new URL(url, 'http://localhost').searchParams;

const nameOf = ({ provider }: Way): string => `boon_link_${provider.toLowerCase()}`;

function cookie(way: Way, value: string, seconds: number, url: string): string {
  const secure = url.startsWith('https:') ? '; Secure' : '';
  const path = `${URL.parse(url)?.pathname.replace(/\/$/, '') ?? ''}${way.path}`;
  return `${nameOf(way)}=${value}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}

function verifierOf(way: Way, { headers }: IncomingMessage): string | null {
  const cookies = (headers.cookie ?? '').split(';').map((part) => part.trim());
  return cookies.find((part) => part.startsWith(`${nameOf(way)}=`))?.slice(nameOf(way).length + 1) || null;
}

const WORDS = {
  linked: 'It is linked. You may close this page.',
  denied: 'You did not agree, so nothing was linked. You may close this page.',
  failed: 'It could not be linked just now. Please try again.',
  nothing: 'Nothing there is yours to give away. Install the App first, as an owner.',
};

/** Back to where they came from, or a word where nobody said where that is. */
function arrive(
  response: ServerResponse,
  { returnUrl }: links.Link,
  provider: Provider,
  result: keyof typeof WORDS,
): void {
  if (!returnUrl) {
    say(response, 200, WORDS[result]);
    return;
  }
  const to = new URL(returnUrl);
  to.searchParams.set('provider', provider.toLowerCase());
  to.searchParams.set('link', result);
  response.writeHead(302, { ...HEADERS, location: to.href }).end();
}

const refuse = (response: ServerResponse): void =>
  say(response, 400, 'This link is not good any more, or was opened in another browser. Please begin anew.');

function say(response: ServerResponse, status: number, words: string): void {
  const page = html`<!doctype html><html lang="en"><meta charset="utf-8"><title>Boon</title><p>${words}</p></html>\n`;
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' }).end(page.html);
}
