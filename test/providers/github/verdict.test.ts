import { expect, test } from 'vitest';
import { judge } from '../../../src/providers/github/verdict.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const SPENT = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW.getTime() / 1000 + 600) };

test.each<[string, number, Record<string, string>, string, string, string, number | null]>([
  ['wrong credentials', 401, {}, 'Bad credentials', 'MERCHANT', 'BAD_CREDENTIALS', null],
  ['a missing permission', 403, {}, 'Resource not accessible by integration', 'MERCHANT', 'MISSING_PERMISSION', null],
  ['a suspended installation', 403, {}, 'This installation has been suspended', 'MERCHANT', 'APP_SUSPENDED', null],
  ['a spent budget', 403, SPENT, 'API rate limit exceeded', 'SYSTEM', 'RATE_LIMITED', 601],
  ['a spent budget, as 429', 429, SPENT, 'API rate limit exceeded', 'SYSTEM', 'RATE_LIMITED', 601],
  ['a secondary limit', 403, { 'retry-after': '17' }, 'secondary rate limit', 'SYSTEM', 'RATE_LIMITED', 17],
  [
    'a secondary limit that names no time',
    403,
    {},
    'You have exceeded a secondary rate limit',
    'SYSTEM',
    'RATE_LIMITED',
    60,
  ],
  ['a repository that is gone', 404, {}, 'Not Found', 'MERCHANT', 'REPOSITORY_NOT_FOUND', null],
  ['what it does not accept', 422, {}, 'Validation Failed', 'MERCHANT', 'REFUSED', null],
  [
    'too many invitations',
    422,
    {},
    'Validation Failed: exceeded the limit of 50 invitations in 24 hours',
    'SYSTEM',
    'INVITATION_LIMIT',
    3600,
  ],
  ['a blocked repository', 451, {}, 'Repository access blocked', 'MERCHANT', 'BLOCKED', null],
  ['a failure of its own', 500, {}, 'Server Error', 'SYSTEM', 'PROVIDER_UNAVAILABLE', null],
  ['a failure that names a time', 503, { 'retry-after': '5' }, 'Unavailable', 'SYSTEM', 'PROVIDER_UNAVAILABLE', 5],
  ['no answer at all', 0, {}, 'fetch failed', 'SYSTEM', 'PROVIDER_UNAVAILABLE', null],
])('%s is told apart', (_, status, headers, message, who, code, seconds) => {
  expect(judge({ status, headers, message }, NOW)).toMatchObject({ who, code, seconds });
});
