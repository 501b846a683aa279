import { type Answer, type Call, refusal, textOf } from './exchange.ts';
import { html } from './html.ts';
import { page } from './page/frame.ts';
import type { Tokens } from './tokens.ts';

/** Who can be chosen on the page, with the place they add our bot to, if it is about that. */
export interface Person {
  id: string;
  name: string;
  userId?: string;
  place?: { id: string; name: string };
}

export interface ConsentPage {
  /** `GitHub` or `Discord`. */
  provider: string;
  clientId: string;
  tokens: Tokens;
  people: readonly Person[];
  /** Scopes that were asked for, as the page words them. */
  scope: string;
}

const PROBLEM = { 'content-type': 'text/html; charset=utf-8' };

/** The page on which somebody is chosen and allows, or does not: one click on a name. */
export function askConsent(call: Call, { provider, people, ...rest }: ConsentPage): Answer {
  readRequest(call, rest.clientId);
  const action = `?${call.query}`;
  const body = html`
<main class="consent">
<p class="tag">An emulator, not ${provider}</p>
<h1>Sign in and allow Boon</h1>
<p>${provider} would ask who you are, and whether Boon may know you${rest.scope && html` (<code>${rest.scope}</code>)`}. Here one click does both.</p>
<form method="post" action="${action}">
${people.map(({ id, name, place }) => html`<button name="user" value="${id}">Allow, as <b>${name}</b>${place && html`, in <b>${place.name}</b>`}</button>`)}
<button class="quiet" name="deny" value="1">Do not allow</button>
</form>
</main>`;
  return { status: 200, headers: PROBLEM, body: page(`Allow Boon · emulated ${provider}`, body) };
}

/** What was clicked, sent back to where the request came from. */
export function giveConsent(call: Call, { clientId, tokens, people, scope }: ConsentPage): Answer {
  const { redirectUri, state, challenge } = readRequest(call, clientId);
  const back = new URL(redirectUri);
  if (state !== null) back.searchParams.set('state', state);
  const person = people.find(({ id }) => id === textOf(call, 'user'));
  if (person) {
    const { id, userId = id, place } = person;
    const consent = { userId, scope, ...(place && { placeId: place.id }) };
    back.searchParams.set('code', tokens.code(consent, { redirectUri, challenge }));
  } else {
    back.searchParams.set('error', 'access_denied');
    back.searchParams.set('error_description', 'The user has denied your application access.');
  }
  return { status: 302, headers: { location: back.href } };
}

function readRequest({ query }: Call, clientId: string) {
  const redirectUri = query.get('redirect_uri') ?? '';
  if (query.get('client_id') !== clientId) throw problem('There is no application with this client_id.');
  if (!/^https?:$/.test(URL.parse(redirectUri)?.protocol ?? '')) throw problem('The redirect_uri is no web address.');
  const challenge = query.get('code_challenge') ?? undefined;
  if (challenge !== undefined && query.get('code_challenge_method') !== 'S256')
    throw problem('The code_challenge_method must be S256.');
  return { redirectUri, state: query.get('state'), challenge };
}

const problem = (text: string): Error =>
  refusal({ status: 400, headers: PROBLEM, body: page('This cannot be asked', html`<main><h1>${text}</h1></main>`) });

/** The client's id and secret, from the authorization header or the form. */
export function clientOf(call: Call): { id: string | undefined; secret: string | undefined } {
  const [scheme, basic] = (call.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic')
    return { id: textOf(call, 'client_id'), secret: textOf(call, 'client_secret') };
  const [id, secret] = Buffer.from(basic ?? '', 'base64')
    .toString()
    .split(':')
    .map(decodeURIComponent);
  return { id, secret };
}
