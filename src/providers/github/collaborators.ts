import { ask, askFor, type Clients } from './client.ts';
import { givenOf, IN_INVITATIONS, IN_PUT, type Level, levelNamed } from './levels.ts';
import { pages } from './pages.ts';
import type { Repository } from './repositories.ts';

/** An invitation somebody has not answered yet. */
export interface Invitation {
  id: number;
  accountId: number;
  level: Level;
  expired: boolean;
}

/** Somebody as they stand in a repository. */
export interface Person {
  id: number;
  /** What they are called today. */
  login: string;
  /** Null when they are no collaborator. */
  level: Level | null;
}

/** Who is in a repository, and who is invited. Everything throws a ProviderError. */
export function openCollaborators({ of }: Clients) {
  const at = ({ owner, name }: Repository, request: object) => ({ owner, repo: name, request });

  const loginOf = async (installationId: number, accountId: number, signal?: AbortSignal): Promise<string | null> => {
    const found = await askFor(
      (request) => of(installationId).request('GET /user/{account_id}', { account_id: accountId, request }),
      signal,
    );
    return found?.data.login ?? null;
  };
  const personNamed = async (repository: Repository, login: string, signal?: AbortSignal): Promise<Person | null> => {
    const found = await askFor(
      (request) =>
        of(repository.installationId).request('GET /repos/{owner}/{repo}/collaborators/{username}/permission', {
          ...at(repository, request),
          username: login,
        }),
      signal,
    );
    if (!found?.data.user) return null;
    const { permission, role_name, user } = found.data;
    const level = levelNamed(role_name) ?? levelNamed(permission);
    return { id: Number(user.id), login: user.login, level: givenOf(level, repository) };
  };

  return {
    /** Somebody by the number of their account, whatever they are called by now; null when the account is gone. */
    async find(
      repository: Repository,
      account: { id: string; login: string },
      signal?: AbortSignal,
    ): Promise<Person | null> {
      const id = Number(account.id);
      const known = await personNamed(repository, account.login, signal);
      if (known?.id === id) return known;
      const login = await loginOf(repository.installationId, id, signal);
      if (login === null) return null;
      const renamed = await personNamed(repository, login, signal);
      return { id, login, level: renamed?.id === id ? renamed.level : null };
    },
    /** Lets somebody in, or changes what they may do. Answers the invitation when they have to accept one. */
    async put(
      repository: Repository,
      username: string,
      level: Level,
      signal?: AbortSignal,
    ): Promise<Invitation | null> {
      const { data, status } = await ask(
        (request) =>
          of(repository.installationId).request('PUT /repos/{owner}/{repo}/collaborators/{username}', {
            ...at(repository, request),
            username,
            permission: IN_PUT[level],
          }),
        signal,
      );
      return status === 201 ? invitationOf(data as never) : null;
    },
    async remove(repository: Repository, username: string, signal?: AbortSignal): Promise<void> {
      await askFor(
        (request) =>
          of(repository.installationId).request('DELETE /repos/{owner}/{repo}/collaborators/{username}', {
            ...at(repository, request),
            username,
          }),
        signal,
      );
    },
    /** Every invitation that is not answered, lapsed ones included. */
    async invitations(repository: Repository, signal?: AbortSignal): Promise<Invitation[]> {
      const rows = await pages(async (page) => {
        const { data } = await ask(
          (request) =>
            of(repository.installationId).request('GET /repos/{owner}/{repo}/invitations', {
              ...at(repository, request),
              ...page,
            }),
          signal,
        );
        return data;
      });
      return rows.map((row) => invitationOf(row as never));
    },
    /** False when there is no such invitation any more: it was accepted, declined, or has lapsed. */
    async changeInvitation(repository: Repository, id: number, level: Level, signal?: AbortSignal): Promise<boolean> {
      const found = await askFor(
        (request) =>
          of(repository.installationId).request('PATCH /repos/{owner}/{repo}/invitations/{invitation_id}', {
            ...at(repository, request),
            invitation_id: id,
            permissions: IN_INVITATIONS[level],
          }),
        signal,
      );
      return found !== null;
    },
    /** False when there was no such invitation any more. Twice is harmless. */
    async cancelInvitation(repository: Repository, id: number, signal?: AbortSignal): Promise<boolean> {
      const found = await askFor(
        (request) =>
          of(repository.installationId).request('DELETE /repos/{owner}/{repo}/invitations/{invitation_id}', {
            ...at(repository, request),
            invitation_id: id,
          }),
        signal,
      );
      return found !== null;
    },
  };
}

const invitationOf = (row: {
  id: number;
  invitee: { id: number } | null;
  permissions: string;
  expired?: boolean;
}): Invitation => ({
  id: row.id,
  accountId: row.invitee?.id ?? 0,
  level: levelNamed(row.permissions) ?? 'PULL',
  expired: row.expired ?? false,
});
