import { accountOf, type Hub, isExpired, stamp } from './hub.ts';
import {
  type Account,
  type Installation,
  type Invitation,
  PERMISSIONS,
  type Permission,
  type Repository,
} from './state.ts';

const nodeId = (kind: string, id: number): string => Buffer.from(`${kind}${id}`).toString('base64');

const USER_LINKS = {
  followers: '/followers',
  following: '/following{/other_user}',
  gists: '/gists{/gist_id}',
  starred: '/starred{/owner}{/repo}',
  subscriptions: '/subscriptions',
  organizations: '/orgs',
  repos: '/repos',
  events: '/events{/privacy}',
  received_events: '/received_events',
};

const ORGANIZATION_LINKS = {
  repos: '/repos',
  events: '/events',
  hooks: '/hooks',
  issues: '/issues',
  members: '/members{/member}',
  public_members: '/public_members{/member}',
};

const links = (base: string, suffixes: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(suffixes).map(([name, suffix]) => [`${name}_url`, `${base}${suffix}`]));

/** An account as it is named inside of other answers. */
export const simpleUser = ({ api, web }: Hub, { id, login, type }: Account) => ({
  login,
  id,
  node_id: nodeId('U_', id),
  avatar_url: `${web}/avatars/${id}`,
  gravatar_id: '',
  url: `${api}/users/${encodeURIComponent(login)}`,
  html_url: `${web}/${encodeURIComponent(login)}`,
  ...links(`${api}/users/${encodeURIComponent(login)}`, USER_LINKS),
  type,
  site_admin: false,
});

/** An account asked for by itself. */
export const fullUser = (hub: Hub, account: Account) => ({
  ...simpleUser(hub, account),
  name: account.name,
  company: null,
  blog: '',
  location: null,
  email: null,
  hireable: null,
  bio: null,
  twitter_username: null,
  public_repos: 0,
  public_gists: 0,
  followers: 0,
  following: 0,
  created_at: stamp(account.createdAt),
  updated_at: stamp(account.createdAt),
});

export const flags = (permission: Permission): Record<Permission, boolean> => {
  const level = PERMISSIONS.indexOf(permission);
  return Object.fromEntries(PERMISSIONS.map((name, index) => [name, index <= level])) as Record<Permission, boolean>;
};

/** Roles have other names than permissions that are asked for. */
export const roleOf = (permission: Permission): string =>
  ({ pull: 'read', push: 'write' })[permission as 'pull' | 'push'] ?? permission;
/** Before there were five of them there were three, and one field still knows only those. */
export const legacyOf = (permission: Permission): string =>
  ({ pull: 'read', triage: 'read', push: 'write', maintain: 'write', admin: 'admin' })[permission];

export const collaborator = (hub: Hub, account: Account, permission: Permission) => ({
  ...simpleUser(hub, account),
  permissions: flags(permission),
  role_name: roleOf(permission),
});

export const fullName = ({ state }: Hub, { ownerId, name }: Repository): string =>
  `${accountOf(state, ownerId).login}/${name}`;

export const invitation = (hub: Hub, repository: Repository, sent: Invitation, view: object) => ({
  id: sent.id,
  node_id: nodeId('RI_', sent.id),
  repository: view,
  invitee: simpleUser(hub, accountOf(hub.state, sent.inviteeId)),
  inviter: appUser(hub),
  permissions: roleOf(sent.permission),
  created_at: stamp(sent.createdAt),
  url: `${hub.api}/user/repository_invitations/${sent.id}`,
  html_url: `${hub.web}/${fullName(hub, repository)}/invitations`,
  expired: isExpired(hub, sent),
});

/** The App acts under a user of its own. */
const appUser = (hub: Hub) => ({
  ...simpleUser(hub, {
    id: 900_000 + (hub.state.app.id % 100_000),
    login: `${hub.state.app.slug}[bot]`,
    type: 'User',
    name: hub.state.app.slug,
    members: new Set(),
    owners: new Set(),
    createdAt: new Date(0),
  }),
  type: 'Bot',
});

export const installation = (hub: Hub, entry: Installation) => {
  const account = accountOf(hub.state, entry.accountId);
  return {
    id: entry.id,
    client_id: hub.state.app.clientId,
    account: simpleUser(hub, account),
    repository_selection: entry.repositoryIds === 'all' ? 'all' : 'selected',
    access_tokens_url: `${hub.api}/app/installations/${entry.id}/access_tokens`,
    repositories_url: `${hub.api}/installation/repositories`,
    html_url: `${hub.web}/organizations/${account.login}/settings/installations/${entry.id}`,
    app_id: hub.state.app.id,
    app_slug: hub.state.app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: entry.permissions,
    events: [],
    created_at: stamp(entry.createdAt),
    updated_at: stamp(entry.createdAt),
    single_file_name: null,
    suspended_by: null,
    suspended_at: entry.suspendedAt && stamp(entry.suspendedAt),
  };
};

/** What somebody is in an organization. */
export const membership = (hub: Hub, organization: Account, person: Account) => {
  const url = `${hub.api}/orgs/${encodeURIComponent(organization.login)}`;
  return {
    url: `${url}/memberships/${encodeURIComponent(person.login)}`,
    state: 'active',
    role: organization.owners.has(person.id) ? 'admin' : 'member',
    organization_url: url,
    organization: {
      login: organization.login,
      id: organization.id,
      node_id: nodeId('O_', organization.id),
      url,
      ...links(url, ORGANIZATION_LINKS),
      avatar_url: `${hub.web}/avatars/${organization.id}`,
      description: null,
    },
    user: simpleUser(hub, person),
  };
};

/** The App itself. */
export const app = (hub: Hub) => ({
  id: hub.state.app.id,
  client_id: hub.state.app.clientId,
  slug: hub.state.app.slug,
  node_id: nodeId('A_', hub.state.app.id),
  owner: appUser(hub),
  name: 'Boon (sandbox)',
  description: '',
  external_url: hub.web,
  html_url: `${hub.web}/apps/${hub.state.app.slug}`,
  created_at: stamp(new Date(0)),
  updated_at: stamp(new Date(0)),
  permissions: { administration: 'write', metadata: 'read' },
  events: [],
  installations_count: hub.state.installations.size,
});
