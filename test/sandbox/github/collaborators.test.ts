import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../src/sandbox/clock.ts';
import { link, openWorld } from '../callers.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
let token: string;
beforeEach(async () => {
  world = await openWorld();
  token = await world.installationToken();
});
afterEach(async () => {
  expect(world.contract.breaches).toEqual([]);
  await world.sandbox[Symbol.asyncDispose]();
});

const ENGINE = '/repos/acme/engine';
const invite = (login: string, permission?: string) =>
  world.onGithub('PUT', `${ENGINE}/collaborators/${login}`, token, permission ? { permission } : undefined);

test('an invitation waits until it is accepted, and a permission changes without another', async () => {
  const invited = await invite('ada', 'triage');
  expect(invited).toMatchObject({ status: 201, body: { permissions: 'triage' } });
  expect(world.github.collaborators('acme/engine')).toEqual({});
  const { access } = await link(world, 'github', world.ada.id);
  const own = await world.onGithub('GET', '/user/repository_invitations', access);
  expect(own.body).toMatchObject([{ id: invited.body.id, repository: { full_name: 'acme/engine' } }]);
  expect(await world.onGithub('PATCH', `/user/repository_invitations/${invited.body.id}`, access)).toMatchObject({
    status: 204,
  });
  expect(world.github.collaborators('acme/engine')).toEqual({ ada: 'triage' });
  expect(await invite('ada', 'admin')).toMatchObject({ status: 204 });
  const permission = await world.onGithub('GET', `${ENGINE}/collaborators/ada/permission`, token);
  expect(permission.body).toMatchObject({ permission: 'admin', role_name: 'admin', user: { id: world.ada.id } });
  expect((await world.onGithub('GET', `${ENGINE}/collaborators`, token)).body).toMatchObject([{ login: 'ada' }]);
  expect(await world.onGithub('DELETE', `${ENGINE}/collaborators/ada`, token)).toMatchObject({ status: 204 });
  expect(await world.onGithub('GET', `${ENGINE}/collaborators/ada`, token)).toMatchObject({ status: 404 });
});

test('an invitation lapses after seven days and stays in the list until it is deleted', async () => {
  const { body } = await invite('ada');
  world.sandbox.clock.advance(7 * DAY_MS);
  token = await world.installationToken();
  expect((await world.onGithub('GET', `${ENGINE}/invitations`, token)).body).toMatchObject([
    { id: body.id, expired: true },
  ]);
  expect(await invite('ada')).toMatchObject({ status: 201, body: { id: body.id } });
  expect(await world.onGithub('DELETE', `${ENGINE}/invitations/${body.id}`, token)).toMatchObject({ status: 204 });
  expect((await invite('ada')).body.id).not.toBe(body.id);
});

test('a pending invitation can be changed and withdrawn', async () => {
  const { body } = await invite('ada', 'pull');
  const patched = await world.onGithub('PATCH', `${ENGINE}/invitations/${body.id}`, token, { permissions: 'maintain' });
  expect(patched).toMatchObject({ status: 200, body: { permissions: 'maintain' } });
  expect(world.github.invitations('acme/engine')).toEqual({ ada: 'maintain' });
  await world.onGithub('DELETE', `${ENGINE}/invitations/${body.id}`, token);
  expect(await world.onGithub('DELETE', `${ENGINE}/invitations/${body.id}`, token)).toMatchObject({ status: 404 });
});

test('a repository takes fifty invitations in 24 hours', async () => {
  for (let count = 0; count < 50; count += 1) {
    world.github.addUser(`person${count}`);
    expect((await invite(`person${count}`)).status).toBe(201);
  }
  expect(await invite('ada')).toMatchObject({ status: 422, body: { message: 'Validation Failed' } });
  world.sandbox.clock.advance(DAY_MS);
  token = await world.installationToken();
  expect((await invite('ada')).status).toBe(201);
});

test('a renamed account keeps its number', async () => {
  world.github.rename('ada', 'countess');
  expect(await world.onGithub('GET', `/user/${world.ada.id}`, token)).toMatchObject({
    status: 200,
    body: { login: 'countess' },
  });
  expect(await world.onGithub('GET', '/users/ada', token)).toMatchObject({ status: 404 });
  expect(await invite('ada')).toMatchObject({ status: 404 });
});

test('a repository of a person knows one permission only', async () => {
  world.github.addRepository('bob/notes');
  world.github.install('bob');
  const entry = await world.onGithub('GET', '/users/bob/installation', world.jwt());
  const { body } = await world.onGithub('POST', `/app/installations/${entry.body.id}/access_tokens`, world.jwt());
  const invited = await world.onGithub('PUT', '/repos/bob/notes/collaborators/ada', body.token, {
    permission: 'admin',
  });
  expect(invited).toMatchObject({ status: 201, body: { permissions: 'write' } });
});

test('what the App may not know of is not found, and what it may only read cannot be changed', async () => {
  world.github.addOrganization('other');
  world.github.addRepository('other/secret');
  world.github.addRepository('other/open', { private: false });
  expect(await world.onGithub('PUT', '/repos/other/secret/collaborators/ada', token)).toMatchObject({ status: 404 });
  expect(await world.onGithub('PUT', '/repos/other/open/collaborators/ada', token)).toMatchObject({ status: 403 });
  world.github.setPermissions('acme', { metadata: 'read' });
  expect(await invite('ada')).toMatchObject({
    status: 403,
    body: { message: 'Resource not accessible by integration' },
  });
});

test('tokens of an installation end: after an hour, when it is suspended, when it is gone', async () => {
  expect((await world.onGithub('GET', '/installation/repositories', token)).body.total_count).toBe(2);
  world.github.suspend('acme');
  expect(await world.onGithub('GET', ENGINE, token)).toMatchObject({ status: 403 });
  world.github.suspend('acme', false);
  expect(await world.onGithub('GET', ENGINE, token)).toMatchObject({ status: 200, body: { full_name: 'acme/engine' } });
  world.sandbox.clock.advance(HOUR_MS);
  expect(await world.onGithub('GET', ENGINE, token)).toMatchObject({ status: 401 });
  token = await world.installationToken();
  world.github.uninstall('acme');
  expect(await world.onGithub('GET', ENGINE, token)).toMatchObject({ status: 401 });
  expect(await world.onGithub('GET', `${ENGINE}/installation`, world.jwt())).toMatchObject({ status: 404 });
});

test('a JWT of somebody else, of another time or in pieces is refused', async () => {
  expect(await world.onGithub('GET', '/app', world.jwt())).toMatchObject({
    status: 200,
    body: { slug: 'boon-sandbox' },
  });
  for (const wrong of [world.jwt({ iss: 1 }), world.jwt({ exp: 1 }), `${world.jwt()}x`, 'a.b.c', 'a.b'])
    expect(await world.onGithub('GET', '/app', wrong)).toMatchObject({ status: 401 });
});

test('lists come in pages', async () => {
  for (const login of ['ada', 'bob']) world.github.addCollaborator('acme/engine', login);
  const first = await world.onGithub('GET', `${ENGINE}/collaborators?per_page=1`, token);
  expect(first.body).toHaveLength(1);
  expect(first.headers.get('link')).toContain('page=2>; rel="next"');
});
