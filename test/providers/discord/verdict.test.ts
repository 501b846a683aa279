import { expect, test } from 'vitest';
import { judge } from '../../../src/providers/discord/verdict.ts';

test.each<[string, number, number, number | null, string, string, number | null]>([
  ['a server that is gone', 404, 10004, null, 'MERCHANT', 'BOT_NOT_IN_SERVER', null],
  ['a role that is gone', 404, 10011, null, 'MERCHANT', 'ROLE_NOT_FOUND', null],
  ['somebody who is no member', 404, 10007, null, 'CUSTOMER', 'NOT_A_MEMBER', null],
  ['an account that is gone', 404, 10013, null, 'CUSTOMER', 'ACCOUNT_NOT_FOUND', null],
  ['somebody in too many servers', 400, 30001, null, 'CUSTOMER', 'SERVERS_FULL', null],
  ['a ban', 403, 40007, null, 'MERCHANT', 'BANNED', null],
  ['no access', 403, 50001, null, 'MERCHANT', 'BOT_NOT_IN_SERVER', null],
  ['a missing permission', 403, 50013, null, 'MERCHANT', 'MISSING_PERMISSION', null],
  ['a token that ended', 401, 50025, null, 'CUSTOMER', 'RECONNECT_DISCORD', null],
  ['a limit', 429, 0, 2.4, 'SYSTEM', 'RATE_LIMITED', 3],
  ['a limit that names no time', 429, 0, null, 'SYSTEM', 'RATE_LIMITED', 60],
  ['a wrong bot token', 401, 0, null, 'MERCHANT', 'BAD_CREDENTIALS', null],
  ['what it does not accept', 400, 50035, null, 'MERCHANT', 'REFUSED', null],
  ['a failure of its own', 502, 0, null, 'SYSTEM', 'PROVIDER_UNAVAILABLE', null],
  ['no answer at all', 0, 0, null, 'SYSTEM', 'PROVIDER_UNAVAILABLE', null],
])('%s is told apart', (_, status, code, retryAfterSeconds, who, said, seconds) => {
  expect(judge({ status, code, message: 'It says so.', retryAfterSeconds })).toMatchObject({
    who,
    code: said,
    seconds,
  });
});
