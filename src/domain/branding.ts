import { checkEmail, checkIfAny } from '../lib/checks.ts';
import { InvalidInputError } from '../lib/errors.ts';
import { isOccasion } from './mails/occasions.ts';

/** How an organization's mails look, where they lead, and which of them it wants. Absent keeps, null clears. */
export interface Branding {
  replyTo?: string | null;
  logoUrl?: string | null;
  portalUrl?: string | null;
  mutedMails?: readonly string[];
}

const URL_CHARACTERS = 2_000;

/** Only what was given, fit to be kept. */
export const checkBranding = ({ replyTo, logoUrl, portalUrl, mutedMails }: Branding) => ({
  ...(replyTo !== undefined && { replyTo: checkIfAny(replyTo, (value) => checkEmail(value, ['replyTo'])) }),
  ...(logoUrl !== undefined && { logoUrl: checkIfAny(logoUrl, (value) => checkUrl(value, ['https:'], ['logoUrl'])) }),
  ...(portalUrl !== undefined && {
    portalUrl: checkIfAny(portalUrl, (value) => checkUrl(value, ['https:', 'http:'], ['portalUrl'])),
  }),
  ...(mutedMails !== undefined && { mutedMails: checkOccasions(mutedMails) }),
});

function checkUrl(value: string, protocols: readonly string[], path: string[]): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (!url || !protocols.includes(url.protocol) || url.username || url.password || url.href.length > URL_CHARACTERS) {
    const schemes = protocols.map((protocol) => protocol.slice(0, -1)).join(' or ');
    throw new InvalidInputError(
      `It must be an ${schemes} URL without a password, of at most ${URL_CHARACTERS} characters.`,
      path,
    );
  }
  return url.href;
}

function checkOccasions(given: readonly string[]): string[] {
  const unknown = given.findIndex((occasion) => !isOccasion(occasion));
  if (unknown >= 0) throw new InvalidInputError('There is no such mail.', ['mutedMails', String(unknown)]);
  return [...new Set(given)];
}
