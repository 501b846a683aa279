import type { Clock } from '../lib/time.ts';
import { openClients } from './github/client.ts';
import { openCollaborators } from './github/collaborators.ts';
import { openGithubPeople } from './github/people.ts';
import { openReading } from './github/reading.ts';
import { openRepositories } from './github/repositories.ts';
import type { GithubSettings } from './github/settings.ts';
import { openStandings } from './github/standings.ts';

export type Github = ReturnType<typeof openGithub>;

/** GitHub, asked on behalf of our App. What it refuses is thrown as a ProviderError that says whose matter it is. */
export function openGithub(settings: GithubSettings, clock: Clock = () => new Date()) {
  const clients = openClients(settings, clock);
  return {
    url: settings.url,
    repositories: openRepositories(clients, clock),
    collaborators: openCollaborators(clients),
    everybodyIn: openReading(clients).everybody,
    standingOf: openStandings(clients),
    people: openGithubPeople(settings),
    budgetOf: clients.budgetOf,
  };
}
