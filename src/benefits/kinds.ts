import type { Kind } from './kind.ts';
import custom from './kinds/custom.ts';
import discordRoles from './kinds/discord-roles.ts';
import downloadables from './kinds/downloadables.ts';
import githubRepository from './kinds/github-repository.ts';
import licenseKeys from './kinds/license-keys.ts';
import meterCredit from './kinds/meter-credit.ts';

/** Every benefit kind there is. */
export const kinds: readonly Kind[] = [
  // The API lists them in this order.
  licenseKeys,
  githubRepository,
  discordRoles,
  downloadables,
  meterCredit,
  custom,
];
