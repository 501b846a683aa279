import { ask, askFor, type Clients } from './client.ts';
import { MOST, pages } from './pages.ts';
import type { Repository } from './repositories.ts';

/** How much somebody may do in a repository, in rising order. */
export const LEVELS = ['PULL', 'TRIAGE', 'PUSH', 'MAINTAIN', 'ADMIN'] as const;
export type Level = (typeof LEVELS)[number];

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

/** GitHub calls the same things by other names, depending on where one asks. */
const IN_PUT = { PULL: 'pull', TRIAGE: 'triage', PUSH: 'push', MAINTAIN: 'maintain', ADMIN: 'admin' } as const;
const IN_INVITATIONS = { PULL: 'read', TRIAGE: 'triage', PUSH: 'write', MAINTAIN: 'maintain', ADMIN: 'admin' } as const;
const READ: Record<string, Level> = {
  read: 'PULL',
  pull: 'PULL',
  triage: 'TRIAGE',
  write: 'PUSH',
  push: 'PUSH',
  maintain: 'MAINTAIN',
  admin: 'ADMIN',
};
const REPOSITORIES_IN_ONE_CALL = 20;

/** Who is in a repository, and who is invited. Everything throws a ProviderError. */
export function openCollaborators({ of, graphqlOf }: Clients) {
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
    const level = READ[role_name] ?? READ[permission] ?? null;
    // What anybody may do was given to nobody.
    return { id: Number(user.id), login: user.login, level: level === 'PULL' && !repository.isPrivate ? null : level };
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
    /** Who is in each of many repositories of one installation, by account number; a few calls for all of them. */
    async ofMany(repositories: readonly Repository[], signal?: AbortSignal): Promise<Map<string, Map<number, Level>>> {
      const found = new Map(repositories.map(({ id }) => [id, new Map<number, Level>()]));
      let asked = repositories.map((repository) => ({ repository, after: null as string | null }));
      while (asked.length > 0) {
        const now = asked.splice(0, REPOSITORIES_IN_ONE_CALL);
        const answer = await ask(
          (request) => graphqlOf(now[0]?.repository.installationId ?? 0)<Answer>(documentFor(now), { request }),
          signal,
        );
        now.forEach(({ repository }, index) => {
          const page = answer[`r${index}`]?.collaborators;
          const people = found.get(repository.id);
          for (const { permission, node } of page?.edges ?? [])
            people?.set(node.databaseId, READ[permission.toLowerCase()] ?? 'PULL');
          if (page?.pageInfo.hasNextPage) asked = [...asked, { repository, after: page.pageInfo.endCursor }];
        });
      }
      return found;
    },
  };
}

type Answer = Record<
  string,
  {
    collaborators: {
      edges: { permission: string; node: { databaseId: number } }[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    } | null;
  } | null
>;

const documentFor = (asked: readonly { repository: Repository; after: string | null }[]): string =>
  `query { ${asked
    .map(
      ({ repository: { owner, name }, after }, index) =>
        `r${index}: repository(owner: ${JSON.stringify(owner)}, name: ${JSON.stringify(name)}) { collaborators(first: ${MOST}${after ? `, after: ${JSON.stringify(after)}` : ''}) { edges { permission node { databaseId } } pageInfo { hasNextPage endCursor } } }`,
    )
    .join(' ')} }`;

const invitationOf = (row: {
  id: number;
  invitee: { id: number } | null;
  permissions: string;
  expired?: boolean;
}): Invitation => ({
  id: row.id,
  accountId: row.invitee?.id ?? 0,
  level: READ[row.permissions] ?? 'PULL',
  expired: row.expired ?? false,
});
