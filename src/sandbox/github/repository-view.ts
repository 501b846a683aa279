import { accountOf, type Hub, stamp } from './hub.ts';
import type { Permission, Repository } from './state.ts';
import { flags, fullName, simpleUser } from './views.ts';

const LINKS = {
  forks: '/forks',
  keys: '/keys{/key_id}',
  collaborators: '/collaborators{/collaborator}',
  teams: '/teams',
  hooks: '/hooks',
  issue_events: '/issues/events{/number}',
  events: '/events',
  assignees: '/assignees{/user}',
  branches: '/branches{/branch}',
  tags: '/tags',
  blobs: '/git/blobs{/sha}',
  git_tags: '/git/tags{/sha}',
  git_refs: '/git/refs{/sha}',
  trees: '/git/trees{/sha}',
  statuses: '/statuses/{sha}',
  languages: '/languages',
  stargazers: '/stargazers',
  contributors: '/contributors',
  subscribers: '/subscribers',
  subscription: '/subscription',
  commits: '/commits{/sha}',
  git_commits: '/git/commits{/sha}',
  comments: '/comments{/number}',
  issue_comment: '/issues/comments{/number}',
  contents: '/contents/{+path}',
  compare: '/compare/{base}...{head}',
  merges: '/merges',
  archive: '/{archive_format}{/ref}',
  downloads: '/downloads',
  issues: '/issues{/number}',
  pulls: '/pulls{/number}',
  milestones: '/milestones{/number}',
  notifications: '/notifications{?since,all,participating}',
  labels: '/labels{/name}',
  releases: '/releases{/id}',
  deployments: '/deployments',
};

/** A repository as it is named inside of other answers. */
export const minimalRepository = (hub: Hub, repository: Repository) => {
  const name = fullName(hub, repository);
  const url = `${hub.api}/repos/${name}`;
  return {
    id: repository.id,
    node_id: Buffer.from(`R_${repository.id}`).toString('base64'),
    name: repository.name,
    full_name: name,
    private: repository.private,
    owner: simpleUser(hub, accountOf(hub.state, repository.ownerId)),
    html_url: `${hub.web}/${name}`,
    description: null,
    fork: false,
    url,
    ...Object.fromEntries(Object.entries(LINKS).map(([link, suffix]) => [`${link}_url`, `${url}${suffix}`])),
  };
};

/** A repository asked for by itself. */
export const fullRepository = (hub: Hub, repository: Repository, permission: Permission) => {
  const { full_name, ...minimal } = minimalRepository(hub, repository);
  const host = new URL(hub.web).host;
  const at = stamp(repository.createdAt);
  return {
    ...minimal,
    full_name,
    created_at: at,
    updated_at: at,
    pushed_at: at,
    git_url: `git://${host}/${full_name}.git`,
    ssh_url: `git@${host}:${full_name}.git`,
    clone_url: `${hub.web}/${full_name}.git`,
    svn_url: `${hub.web}/${full_name}`,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    mirror_url: null,
    archived: repository.archived,
    disabled: false,
    open_issues_count: 0,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? 'private' : 'public',
    forks: 0,
    open_issues: 0,
    watchers: 0,
    default_branch: 'main',
    permissions: flags(permission),
  };
};

/** What only an answer about one repository says. */
export const COUNTS = { network_count: 0, subscribers_count: 0 };
