import { domainToASCII, domainToUnicode } from 'node:url';
import { literalOf } from './http-addresses.ts';

const URL_CHARACTERS = 2_048;
const HOST_CHARACTERS = 253;
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Why a text is no URL that anybody could call, in words for whoever wrote it; null when it is one. */
export function urlProblem(text: string): string | null {
  if (text.length > URL_CHARACTERS) return `It may have at most ${URL_CHARACTERS} characters.`;
  // Whoever reads a URL by the book leaves these out, and calls another one than stands there.
  if (BREAKS.test(text)) return 'There is a line break or a control character in it.';
  const [, scheme, authority = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#\\]*)/i.exec(text) ?? [];
  if (!scheme) return 'It is not a URL, such as https://example.com/webhooks.';
  if (!/^https?$/i.test(scheme)) return 'Only http and https URLs can be called.';
  if (authority.includes('@')) return 'A URL with a user name or a password in it cannot be called.';
  const host = authority.replace(/:\d*$/, '');
  if (host === '') return 'It names no host.';
  if (!URL.canParse(text))
    return host.startsWith('[') || domainToASCII(host) !== '' ? 'It is not a valid URL.' : noDomain(host);
  const { hostname } = new URL(text);
  return literalOf(hostname) || isDomain(hostname) ? null : noDomain(host);
}

const noDomain = (host: string): string => `${host} is not a valid domain name.`;

function isDomain(host: string): boolean {
  const name = host.replace(/\.$/, '');
  // What does not decode is left as it was.
  const spelled = domainToUnicode(name).split('.');
  if (spelled.some((label) => label.startsWith('xn--'))) return false;
  return name.length <= HOST_CHARACTERS && name.split('.').every((label) => LABEL.test(label));
}
