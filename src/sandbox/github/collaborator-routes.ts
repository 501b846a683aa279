import { DAY_MS } from '../clock.ts';
import { fieldsOf } from '../exchange.ts';
import type { Routes } from '../routes.ts';
import { administered, callerOf, readable } from './callers.ts';
import { accountOf, type Hub, invalid, nextId, notFound, paged, personNamed } from './hub.ts';
import { COUNTS, fullRepository, minimalRepository } from './repository-view.ts';
import { type Account, PERMISSIONS, type Permission, type Repository } from './state.ts';
import { collaborator, invitation, legacyOf, roleOf } from './views.ts';

const INVITATIONS_A_DAY = 50;

export const collaboratorRoutes: Routes<Hub> = {
  'GET /repos/{owner}/{repo}': (hub, call) => {
    const repository = readable(hub, call);
    const { user } = callerOf(hub, call);
    const permission = (user && permissionOf(hub, repository, user)) ?? 'pull';
    return { status: 200, body: { ...fullRepository(hub, repository, permission), ...COUNTS } };
  },
  'GET /repos/{owner}/{repo}/collaborators': (hub, call) => {
    const all = collaboratorsOf(hub, readable(hub, call), call.query.get('affiliation') ?? 'all');
    const { items, headers } = paged(hub, call, all);
    return { status: 200, headers, body: items.map(([account, permission]) => collaborator(hub, account, permission)) };
  },
  'GET /repos/{owner}/{repo}/collaborators/{username}': (hub, call) => {
    const repository = readable(hub, call);
    if (!permissionOf(hub, repository, personNamed(hub.state, call.params.username ?? ''))) throw notFound();
    return { status: 204 };
  },
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission': (hub, call) => {
    const repository = readable(hub, call);
    const person = personNamed(hub.state, call.params.username ?? '');
    const permission = permissionOf(hub, repository, person) ?? (repository.private ? null : 'pull');
    const user = collaborator(hub, person, permission ?? 'pull');
    const body = permission
      ? { permission: legacyOf(permission), role_name: roleOf(permission), user }
      : { permission: 'none', role_name: 'none', user: { ...user, role_name: 'none', permissions: NOTHING } };
    return { status: 200, body };
  },
  'PUT /repos/{owner}/{repo}/collaborators/{username}': (hub, call) => {
    const repository = administered(hub, call);
    const person = personNamed(hub.state, call.params.username ?? '');
    const asked = fieldsOf(call).permission ?? 'push';
    if (!PERMISSIONS.includes(asked as Permission)) throw invalid(`Invalid permission: ${asked}`);
    if (repository.archived) throw invalid('Repository was archived so is read-only.');
    // Repositories of a person know one permission only, whatever is asked for.
    const personal = accountOf(hub.state, repository.ownerId).type === 'User';
    const permission = personal ? 'push' : (asked as Permission);
    if (person.id === repository.ownerId) throw invalid('Repository owner cannot be a collaborator');
    if (repository.collaborators.has(person.id) || isMember(hub, repository, person)) {
      repository.collaborators.set(person.id, permission);
      return { status: 204 };
    }
    const sent = invite(hub, repository, person, permission);
    // Only lists and changes of invitations say whether they lapsed.
    const { expired, ...body } = invitation(hub, repository, sent, minimalRepository(hub, repository));
    return { status: 201, body };
  },
  'DELETE /repos/{owner}/{repo}/collaborators/{username}': (hub, call) => {
    const repository = administered(hub, call);
    repository.collaborators.delete(personNamed(hub.state, call.params.username ?? '').id);
    return { status: 204 };
  },
};

const NOTHING = Object.fromEntries(PERMISSIONS.map((name) => [name, false]));

/** A second invitation changes the first one, and revives none that lapsed. */
function invite({ state, clock }: Hub, repository: Repository, person: Account, permission: Permission) {
  const pending = repository.invitations.values().find(({ inviteeId }) => inviteeId === person.id);
  if (pending) {
    pending.permission = permission;
    return pending;
  }
  const now = clock.now();
  repository.sent = repository.sent.filter((at) => now.getTime() - at.getTime() < DAY_MS);
  if (repository.sent.length >= INVITATIONS_A_DAY) {
    const message = `You have exceeded the limit of ${INVITATIONS_A_DAY} invitations to a repository in 24 hours.`;
    throw invalid('Validation Failed', [{ resource: 'Repository', field: 'invitations', code: 'custom', message }]);
  }
  repository.sent.push(now);
  const sent = { id: nextId(state), inviteeId: person.id, permission, createdAt: now };
  repository.invitations.set(sent.id, sent);
  return sent;
}

const isMember = ({ state }: Hub, { ownerId }: Repository, { id }: Account): boolean =>
  accountOf(state, ownerId).members.has(id);

export function permissionOf(hub: Hub, repository: Repository, person: Account): Permission | undefined {
  if (repository.ownerId === person.id) return 'admin';
  return repository.collaborators.get(person.id) ?? (isMember(hub, repository, person) ? 'pull' : undefined);
}

/** Who has access: `direct` are collaborators, `outside` those of them who are no members, `all` members too. */
export function collaboratorsOf(hub: Hub, repository: Repository, affiliation: string): [Account, Permission][] {
  const owner = accountOf(hub.state, repository.ownerId);
  const ids = new Set(repository.collaborators.keys());
  if (owner.type === 'User' && affiliation !== 'outside') ids.add(owner.id);
  if (affiliation === 'all') for (const id of owner.members) ids.add(id);
  return [...ids]
    .filter((id) => affiliation !== 'outside' || !owner.members.has(id))
    .map((id) => accountOf(hub.state, id))
    .map((account) => [account, permissionOf(hub, repository, account) ?? 'pull']);
}
