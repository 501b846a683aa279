import { accountNamed, type Hub, isExpired, nextId, personNamed, repositoryNamed } from './hub.ts';
import { accept } from './invitation-routes.ts';
import type { Account, Installation, Invitation, Permission, Repository } from './state.ts';

/** What people do at GitHub, without its API: for tests, the page and the first state. */
export function openVerbs(hub: Hub) {
  const { state, clock } = hub;
  const account = (type: Account['type'], login: string, more: Partial<Account> = {}): Account => {
    const created: Account = {
      id: nextId(state),
      login,
      type,
      name: login,
      members: new Set(),
      owners: new Set(),
      createdAt: clock.now(),
      ...more,
    };
    state.accounts.set(created.id, created);
    return created;
  };
  /** `owner/name` */
  const repository = (fullName: string): Repository => {
    const [owner = '', name = ''] = fullName.split('/');
    return repositoryNamed(state, owner, name);
  };
  const installationOn = (login: string): Installation => {
    const { id } = accountNamed(state, login);
    const found = state.installations.values().find(({ accountId }) => accountId === id);
    if (!found) throw new Error(`The App is not installed on ${login}.`);
    return found;
  };
  const pending = (fullName: string, login: string): { repository: Repository; sent: Invitation } => {
    const { id } = personNamed(state, login);
    const found = repository(fullName);
    const sent = found.invitations.values().find((each) => each.inviteeId === id && !isExpired(hub, each));
    if (!sent) throw new Error(`${login} has no invitation to ${fullName}.`);
    return { repository: found, sent };
  };
  const loginOf = (id: number): string => state.accounts.get(id)?.login ?? String(id);

  return {
    addUser: (login: string, name = login) => account('User', login, { name }),
    /** Owners are members, too. */
    addOrganization(login: string, facts: { members?: readonly string[]; owners?: readonly string[] } = {}) {
      const { members = [], owners = [] } = facts;
      const ids = (names: readonly string[]) => new Set(names.map((name) => personNamed(state, name).id));
      return account('Organization', login, { members: ids([...members, ...owners]), owners: ids(owners) });
    },
    /** The login changes, the id stays. */
    rename(login: string, to: string): void {
      accountNamed(state, login).login = to;
    },
    addRepository(fullName: string, facts: { private?: boolean } = {}): Repository {
      const [owner = '', name = ''] = fullName.split('/');
      const created: Repository = {
        id: nextId(state),
        ownerId: accountNamed(state, owner).id,
        name,
        private: facts.private ?? true,
        archived: false,
        collaborators: new Map(),
        invitations: new Map(),
        sent: [],
        createdAt: clock.now(),
      };
      state.repositories.set(created.id, created);
      return created;
    },
    repository,
    renameRepository(fullName: string, to: string): void {
      repository(fullName).name = to;
    },
    archiveRepository(fullName: string, archived = true): void {
      repository(fullName).archived = archived;
    },
    removeRepository: (fullName: string) => void state.repositories.delete(repository(fullName).id),
    /** Installs the App on an account: on all of its repositories, or on some. */
    install(
      login: string,
      facts: { repositories?: readonly string[]; permissions?: Installation['permissions'] } = {},
    ) {
      const installed: Installation = {
        id: nextId(state),
        accountId: accountNamed(state, login).id,
        repositoryIds: facts.repositories ? new Set(facts.repositories.map((name) => repository(name).id)) : 'all',
        permissions: facts.permissions ?? { administration: 'write', metadata: 'read' },
        suspendedAt: null,
        createdAt: clock.now(),
      };
      state.installations.set(installed.id, installed);
      return installed;
    },
    uninstall: (login: string) => void state.installations.delete(installationOn(login).id),
    suspend(login: string, suspended = true): void {
      installationOn(login).suspendedAt = suspended ? clock.now() : null;
    },
    setPermissions(login: string, permissions: Installation['permissions']): void {
      installationOn(login).permissions = permissions;
    },
    /** What the owner does by hand. */
    addCollaborator(fullName: string, login: string, permission: Permission = 'push'): void {
      repository(fullName).collaborators.set(personNamed(state, login).id, permission);
    },
    removeCollaborator: (fullName: string, login: string) =>
      void repository(fullName).collaborators.delete(personNamed(state, login).id),
    accept: (fullName: string, login: string) => accept(pending(fullName, login)),
    decline(fullName: string, login: string): void {
      const { repository: from, sent } = pending(fullName, login);
      from.invitations.delete(sent.id);
    },
    /** Whether nobody can accept it any more. */
    isLapsed: (sent: Invitation) => isExpired(hub, sent),
    /** Somebody takes back in their settings what they allowed the App. */
    revokeAuthorization: (login: string) => hub.tokens.withdraw(String(personNamed(state, login).id)),
    /** Who has access, and with which permission. */
    collaborators: (fullName: string): Record<string, Permission> =>
      Object.fromEntries([...repository(fullName).collaborators].map(([id, permission]) => [loginOf(id), permission])),
    /** Who was invited and has not answered; those whose invitation lapsed are left out. */
    invitations: (fullName: string): Record<string, Permission> =>
      Object.fromEntries(
        [...repository(fullName).invitations.values()]
          .filter((sent) => !isExpired(hub, sent))
          .map(({ inviteeId, permission }) => [loginOf(inviteeId), permission]),
      ),
  };
}
