import { HOUR_MS } from '../clock.ts';
import { fieldsOf } from '../exchange.ts';
import type { Routes } from '../routes.ts';
import { secret } from '../tokens.ts';
import { requireApp, requireInstallation } from './callers.ts';
import { accountNamed, covers, deny, type Hub, notFound, paged, repositoryNamed, stamp } from './hub.ts';
import { fullRepository } from './repository-view.ts';
import type { Installation } from './state.ts';
import { app, installation } from './views.ts';

const TOKEN_MS = HOUR_MS;

/** What the App does as itself, and what an installation knows of itself. */
export const appRoutes: Routes<Hub> = {
  'GET /app': (hub, call) => {
    requireApp(hub, call);
    return { status: 200, body: app(hub) };
  },
  'GET /app/installations': (hub, call) => {
    requireApp(hub, call);
    const { items, headers } = paged(hub, call, [...hub.state.installations.values()]);
    return { status: 200, headers, body: items.map((entry) => installation(hub, entry)) };
  },
  'GET /app/installations/{installation_id}': (hub, call) => {
    requireApp(hub, call);
    return { status: 200, body: installation(hub, installationById(hub, call.params.installation_id)) };
  },
  'DELETE /app/installations/{installation_id}': (hub, call) => {
    requireApp(hub, call);
    hub.state.installations.delete(installationById(hub, call.params.installation_id).id);
    return { status: 204 };
  },
  'POST /app/installations/{installation_id}/access_tokens': (hub, call) => {
    requireApp(hub, call);
    const entry = installationById(hub, call.params.installation_id);
    if (entry.suspendedAt) throw deny(403, 'This installation has been suspended');
    const token = `ghs_${secret()}`;
    const expiresAt = new Date(hub.clock.now().getTime() + TOKEN_MS);
    hub.state.tokens.set(token, { installationId: entry.id, expiresAt });
    return {
      status: 201,
      body: {
        token,
        expires_at: stamp(expiresAt),
        permissions: fieldsOf(call).permissions ?? entry.permissions,
        repository_selection: entry.repositoryIds === 'all' ? 'all' : 'selected',
      },
    };
  },
  'GET /repos/{owner}/{repo}/installation': (hub, call) => {
    requireApp(hub, call);
    const repository = repositoryNamed(hub.state, call.params.owner ?? '', call.params.repo ?? '');
    const entry = hub.state.installations.values().find((each) => covers(each, repository));
    if (!entry) throw notFound();
    return { status: 200, body: installation(hub, entry) };
  },
  'GET /orgs/{org}/installation': (hub, call) => {
    requireApp(hub, call);
    return { status: 200, body: installation(hub, installationOn(hub, call.params.org)) };
  },
  'GET /users/{username}/installation': (hub, call) => {
    requireApp(hub, call);
    return { status: 200, body: installation(hub, installationOn(hub, call.params.username)) };
  },
  'GET /installation/repositories': (hub, call) => {
    const entry = requireInstallation(hub, call);
    const covered = [...hub.state.repositories.values()].filter((repository) => covers(entry, repository));
    const { items, headers } = paged(hub, call, covered);
    const repositories = items.map((repository) => fullRepository(hub, repository, 'pull'));
    const repository_selection = entry.repositoryIds === 'all' ? 'all' : 'selected';
    return { status: 200, headers, body: { total_count: covered.length, repository_selection, repositories } };
  },
  'DELETE /installation/token': (hub, call) => {
    requireInstallation(hub, call);
    hub.state.tokens.delete(call.headers.authorization?.split(' ')[1] ?? '');
    return { status: 204 };
  },
};

function installationById({ state }: Hub, id = ''): Installation {
  const entry = state.installations.get(Number(id));
  if (!entry) throw notFound();
  return entry;
}

function installationOn({ state }: Hub, login = ''): Installation {
  const { id } = accountNamed(state, login);
  const entry = state.installations.values().find(({ accountId }) => accountId === id);
  if (!entry) throw notFound();
  return entry;
}
