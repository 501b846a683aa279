import { type Clock, MINUTE_MS } from '../../lib/time.ts';
import { merchantsProblem, type Problem, ProviderError } from '../problem.ts';
import { ask, askFor, type Clients } from './client.ts';
import { pages } from './pages.ts';

/** A repository our App is installed for. */
export interface Repository {
  id: string;
  owner: string;
  name: string;
  /** The account it belongs to; that never changes its number. */
  ownerId: string;
  /** It belongs to a person and not to an organization: everybody who is let in may write. */
  isPersonal: boolean;
  isPrivate: boolean;
  installationId: number;
}

interface Named {
  owner: string;
  name: string;
}

const KEPT_MS = 5 * MINUTE_MS;

/** Finds repositories by their names, and keeps what it found for a while. */
export function openRepositories({ app, of }: Clients, clock: Clock) {
  const known = new Map<string, { repository: Repository; until: number }>();

  const installationOf = async (owner: string, name: string, signal?: AbortSignal) => {
    const found = await askFor(
      (request) => app.request('GET /repos/{owner}/{repo}/installation', { owner, repo: name, request }),
      signal,
    );
    if (!found) throw new ProviderError(await whyMissing(owner, name, signal));
    const { id, suspended_at, permissions } = found.data;
    if (suspended_at)
      throw new ProviderError(
        merchantsProblem(
          'APP_SUSPENDED',
          `The installation of our App at ${owner} is suspended; unsuspend it on GitHub.`,
        ),
      );
    if (permissions.administration !== 'write')
      throw new ProviderError(
        merchantsProblem(
          'MISSING_PERMISSION',
          `Our App lacks the permission “Administration: read and write” at ${owner}.`,
        ),
      );
    return id;
  };

  /** Our App is not there at all, or does not see this one repository. */
  const whyMissing = async (owner: string, name: string, signal?: AbortSignal) => {
    const installed = await askFor(
      (request) => app.request('GET /users/{username}/installation', { username: owner, request }),
      signal,
    );
    if (installed?.data.repository_selection === 'all')
      return merchantsProblem('REPOSITORY_GONE', `There is no repository ${owner}/${name}.`);
    return installed
      ? merchantsProblem(
          'REPOSITORY_NOT_FOUND',
          `There is no repository ${owner}/${name}, or our App was not given it.`,
        )
      : merchantsProblem('APP_NOT_INSTALLED', `Our App is not installed at ${owner}.`);
  };

  const find = async ({ owner, name }: Named, signal?: AbortSignal): Promise<Repository> => {
    const key = `${owner}/${name}`.toLowerCase();
    const kept = known.get(key);
    if (kept && kept.until > clock().getTime()) return kept.repository;
    const installationId = await installationOf(owner, name, signal);
    const { data } = await ask(
      (request) => of(installationId).request('GET /repos/{owner}/{repo}', { owner, repo: name, request }),
      signal,
    );
    const repository = {
      id: String(data.id),
      owner: data.owner.login,
      name: data.name,
      ownerId: String(data.owner.id),
      isPersonal: data.owner.type === 'User',
      isPrivate: data.private,
      installationId,
    };
    known.set(key, { repository, until: clock().getTime() + KEPT_MS });
    return repository;
  };
  const forget = ({ owner, name }: Named): void => void known.delete(`${owner}/${name}`.toLowerCase());

  return {
    /** Throws a ProviderError that says what is missing. */
    find,
    /** What was known of it holds no longer. */
    forget,
    /** What has become of one that was known and was not found just now, as far as that can be told. */
    async why(named: Named, problem: Problem, signal?: AbortSignal): Promise<Problem> {
      if (problem.code !== 'REPOSITORY_NOT_FOUND') return problem;
      forget(named);
      try {
        await find(named, signal);
        return problem;
      } catch (error) {
        return error instanceof ProviderError ? error.problem : problem;
      }
    },
    /** The installation at an account, with what it may do; null where our App is not installed. */
    async installationAt(owner: string, signal?: AbortSignal) {
      const found = await askFor(
        (request) => app.request('GET /users/{username}/installation', { username: owner, request }),
        signal,
      );
      return found?.data ?? null;
    },
    /** The repositories an installation was given. */
    list: (installationId: number, signal?: AbortSignal) =>
      pages(async (page) => {
        const { data } = await ask(
          (request) => of(installationId).request('GET /installation/repositories', { ...page, request }),
          signal,
        );
        return data.repositories;
      }),
  };
}
