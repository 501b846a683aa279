import { merchantsProblem, nobodysProblem, type Problem } from '../problem.ts';

/** As much of an answer as it takes to tell what it means. */
export interface Refusal {
  status: number;
  headers: Record<string, string | number | undefined>;
  message: string;
}

const SECONDARY_SECONDS = 60;
/** When somebody else has used up a repository's invitations, nobody knows when the first of them is a day old. */
const INVITATIONS_SECONDS = 3_600;

/** What a refusal by GitHub means, and who can do something about it. */
export function judge({ status, headers, message }: Refusal, now: Date): Problem {
  if (status === 403 || status === 429) {
    const wait = waitOf(headers, message, now);
    if (wait !== null) return nobodysProblem('RATE_LIMITED', `GitHub asks us to wait ${wait} seconds.`, wait);
  }
  if (status === 422 && /invitation/i.test(message) && /limit|too many|24.?hour|exceed/i.test(message))
    return nobodysProblem(
      'INVITATION_LIMIT',
      'The repository’s invitations of this day are used up.',
      INVITATIONS_SECONDS,
    );
  switch (status) {
    case 401:
      return merchantsProblem('BAD_CREDENTIALS', 'GitHub does not know our App: its id or its private key is wrong.');
    case 403:
      return /suspended/i.test(message)
        ? merchantsProblem('APP_SUSPENDED', 'The installation of our App is suspended; unsuspend it on GitHub.')
        : merchantsProblem(
            'MISSING_PERMISSION',
            'Our App may not do this; give it the permission “Administration: read and write”.',
          );
    case 404:
    case 410:
      return merchantsProblem('REPOSITORY_NOT_FOUND', 'The repository is gone, or our App may no longer see it.');
    case 409:
    case 422:
      return merchantsProblem('REFUSED', `GitHub does not accept it: ${message}`);
    case 451:
      return merchantsProblem('BLOCKED', 'GitHub has blocked the repository.');
    default:
      return status >= 400 && status < 500
        ? merchantsProblem('REFUSED', `GitHub does not accept it: ${message}`)
        : nobodysProblem(
            'PROVIDER_UNAVAILABLE',
            'GitHub does not answer as it should; it will be tried again.',
            retryAfter(headers),
          );
  }
}

/** How long we are asked to wait; null when it is not a matter of waiting. */
function waitOf(headers: Refusal['headers'], message: string, now: Date): number | null {
  const asked = retryAfter(headers);
  if (asked !== null) return asked;
  if (String(headers['x-ratelimit-remaining']) === '0') {
    const reset = Number(headers['x-ratelimit-reset']) * 1000;
    return Number.isFinite(reset) ? Math.max(1, Math.ceil((reset - now.getTime()) / 1000) + 1) : SECONDARY_SECONDS;
  }
  return /rate limit/i.test(message) ? SECONDARY_SECONDS : null;
}

/** In seconds, or as a date. */
function retryAfter(headers: Refusal['headers']): number | null {
  const value = headers['retry-after'];
  if (value === undefined || value === '') return null;
  const seconds = Number(value);
  return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : null;
}
