import { customersProblem, merchantsProblem, nobodysProblem, type Problem } from '../problem.ts';

/** As much of an answer as it takes to tell what it means; code 0: Discord named none. */
export interface Refusal {
  status: number;
  code: number;
  message: string;
  retryAfterSeconds: number | null;
}

const LIMIT_SECONDS = 60;

/** What a refusal by Discord means, and who can do something about it. */
export function judge({ status, code, message, retryAfterSeconds }: Refusal): Problem {
  switch (code) {
    case 10004:
      return merchantsProblem('BOT_NOT_IN_SERVER', 'The server is gone, or our bot was removed from it.');
    case 10011:
      return merchantsProblem('ROLE_NOT_FOUND', 'The role is gone.');
    case 10003:
      return merchantsProblem('CHANNEL_NOT_FOUND', 'The channel of the welcome is gone.');
    case 10007:
      return customersProblem('NOT_A_MEMBER', 'The account is not in the server.');
    case 10013:
      return customersProblem('ACCOUNT_NOT_FOUND', 'The account is gone from Discord.');
    case 40007:
      return merchantsProblem('BANNED', 'The account is banned from the server; lift the ban to let it in.');
    case 30001:
      return customersProblem(
        'SERVERS_FULL',
        'The account is in as many servers as Discord allows; it must leave one.',
      );
    case 50001:
      return merchantsProblem('BOT_NOT_IN_SERVER', 'Our bot has no access to the server.');
    case 50013:
      return merchantsProblem(
        'MISSING_PERMISSION',
        'Our bot may not do this: it needs “Manage Roles” and a role above those it gives.',
      );
    case 50025:
      return customersProblem('RECONNECT_DISCORD', 'Discord no longer takes the link to the account; link it anew.');
  }
  if (status === 429 || retryAfterSeconds !== null) {
    const wait = Math.max(1, Math.ceil(retryAfterSeconds ?? LIMIT_SECONDS));
    return nobodysProblem('RATE_LIMITED', `Discord asks us to wait ${wait} seconds.`, wait);
  }
  switch (status) {
    case 401:
      return merchantsProblem('BAD_CREDENTIALS', 'Discord does not know our bot: its token is wrong.');
    case 403:
      return merchantsProblem('MISSING_PERMISSION', `Our bot may not do this: ${message}`);
    case 404:
      return merchantsProblem('NOT_FOUND', `Discord does not find it: ${message}`);
  }
  return status >= 400 && status < 500
    ? merchantsProblem('REFUSED', `Discord does not accept it: ${message}`)
    : nobodysProblem('PROVIDER_UNAVAILABLE', 'Discord does not answer as it should; it will be tried again.');
}
