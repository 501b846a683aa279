import { type Call, textOf } from '../exchange.ts';
import type { Routes } from '../routes.ts';
import { administered, ownInvitation, requireUser } from './callers.ts';
import { type Hub, invalid, isExpired, notFound, paged } from './hub.ts';
import { minimalRepository } from './repository-view.ts';
import type { Invitation, Permission, Repository } from './state.ts';
import { invitation } from './views.ts';

/** Invitations call permissions by the names of roles. */
const BY_ROLE: Record<string, Permission> = {
  read: 'pull',
  triage: 'triage',
  write: 'push',
  maintain: 'maintain',
  admin: 'admin',
};

export const invitationRoutes: Routes<Hub> = {
  'GET /repos/{owner}/{repo}/invitations': (hub, call) => {
    const repository = administered(hub, call, 'read');
    const { items, headers } = paged(hub, call, [...repository.invitations.values()]);
    return { status: 200, headers, body: items.map((sent) => view(hub, repository, sent)) };
  },
  'PATCH /repos/{owner}/{repo}/invitations/{invitation_id}': (hub, call) => {
    const { repository, sent } = find(hub, call);
    const permission = BY_ROLE[textOf(call, 'permissions') ?? ''];
    if (!permission)
      throw invalid('Invalid request.\n\n"permissions" wasn\'t supplied, or is none of the permissions.');
    sent.permission = permission;
    return { status: 200, body: view(hub, repository, sent) };
  },
  'DELETE /repos/{owner}/{repo}/invitations/{invitation_id}': (hub, call) => {
    const { repository, sent } = find(hub, call);
    repository.invitations.delete(sent.id);
    return { status: 204 };
  },
  'GET /user/repository_invitations': (hub, call) => {
    const user = requireUser(hub, call);
    const all = [...hub.state.repositories.values()].flatMap((repository) =>
      [...repository.invitations.values()]
        .filter((sent) => sent.inviteeId === user.id && !isExpired(hub, sent))
        .map((sent) => ({ repository, sent })),
    );
    const { items, headers } = paged(hub, call, all);
    return { status: 200, headers, body: items.map(({ repository, sent }) => view(hub, repository, sent)) };
  },
  'PATCH /user/repository_invitations/{invitation_id}': (hub, call) => {
    const user = requireUser(hub, call);
    accept(ownInvitation(hub, user, call.params.invitation_id ?? ''));
    return { status: 204 };
  },
  'DELETE /user/repository_invitations/{invitation_id}': (hub, call) => {
    const user = requireUser(hub, call);
    const { repository, sent } = ownInvitation(hub, user, call.params.invitation_id ?? '');
    repository.invitations.delete(sent.id);
    return { status: 204 };
  },
};

/** The invited becomes a collaborator. */
export function accept({ repository, sent }: { repository: Repository; sent: Invitation }): void {
  repository.invitations.delete(sent.id);
  repository.collaborators.set(sent.inviteeId, sent.permission);
}

const view = (hub: Hub, repository: Repository, sent: Invitation) =>
  invitation(hub, repository, sent, minimalRepository(hub, repository));

function find(hub: Hub, call: Call): { repository: Repository; sent: Invitation } {
  const repository = administered(hub, call);
  const sent = repository.invitations.get(Number(call.params.invitation_id));
  if (!sent) throw notFound();
  return { repository, sent };
}
