import { batching } from '../../lib/batching.ts';
import { ProviderError } from '../problem.ts';
import type { Clients } from './client.ts';
import { type Invitation, openCollaborators, type Person } from './collaborators.ts';
import { givenOf, type Level } from './levels.ts';
import { notFound, openReading } from './reading.ts';
import type { Repository } from './repositories.ts';

/** How somebody stands in a repository: what they may do, or what they were invited to. */
export interface Standing {
  /** What they are called today. */
  login: string;
  level: Level | null;
  /** What awaits their answer, or can be accepted no more. */
  invitations: Invitation[];
}

interface Asked {
  repository: Repository;
  account: { id: string; login: string };
}

const ASKED_AT_ONCE = 20;
/** While some are asked about, those who come gather to be asked about next. */
const LANES = 1;

/**
 * Looks how people stand in repositories. Those who ask while others are being answered are asked about together, so
 * that a wave of them takes few calls; nobody is told what was known before they asked.
 */
export function openStandings(clients: Clients) {
  const collaborators = openCollaborators(clients);
  const reading = openReading(clients);
  const installations = new Map<number, (asked: Asked) => Promise<Standing | null>>();

  const look = async (asked: readonly Asked[]): Promise<(Standing | null | Error)[]> => {
    const found = await reading.some(asked.map(({ repository, account }) => ({ repository, login: account.login })));
    const invitations = new Map<string, Promise<Invitation[]>>();
    const invitationsTo = (repository: Repository) => {
      const known = invitations.get(repository.id) ?? collaborators.invitations(repository);
      invitations.set(repository.id, known);
      return known;
    };
    const personOf = async ({ repository, account }: Asked, index: number): Promise<Person | null> => {
      const seen = found[index];
      if (!seen) throw notFound();
      if (seen instanceof ProviderError) throw seen;
      const id = Number(account.id);
      // By that name it is somebody else by now, or nobody.
      if (seen.id !== id) return collaborators.find(repository, account);
      return { id, login: account.login, level: givenOf(seen.level, repository) };
    };
    const standingOf = async (one: Asked, index: number): Promise<Standing | null> => {
      const person = await personOf(one, index);
      if (!person) return null;
      const { id, login, level } = person;
      if (level) return { login, level, invitations: [] };
      const theirs = (await invitationsTo(one.repository)).filter(({ accountId }) => accountId === id);
      return { login, level, invitations: theirs };
    };
    // One that fails does not fail the others.
    return Promise.all(asked.map((one, index) => standingOf(one, index).catch((error: Error) => error)));
  };

  /** Somebody by the number of their account, whatever they are called by now; null when the account is gone. */
  return (repository: Repository, account: Asked['account']): Promise<Standing | null> => {
    const { installationId } = repository;
    const ask = installations.get(installationId) ?? batching({ most: ASKED_AT_ONCE, lanes: LANES }, look);
    installations.set(installationId, ask);
    return ask({ repository, account });
  };
}
