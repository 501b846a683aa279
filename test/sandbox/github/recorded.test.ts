import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { link, openWorld } from '../callers.ts';

interface Step {
  method: string;
  path: string;
  status: number;
  response: unknown;
}

const STEPS: Step[] = createRequire(import.meta.url)(
  '@octokit/fixtures/scenarios/api.github.com/add-and-remove-repository-collaborator/normalized-fixture.json',
);
const RECORDED = 'octokit-fixture-org/add-and-remove-repository-collaborator';

test('a recorded conversation with GitHub takes the same course', async () => {
  const world = await openWorld();
  await using _ = world.sandbox;
  const { github } = world;
  github.addUser('octokit-fixture-user-a');
  const invitee = github.addUser('octokit-fixture-user-b');
  github.addOrganization('octokit-fixture-org');
  github.addRepository(RECORDED, { private: false });
  github.addCollaborator(RECORDED, 'octokit-fixture-user-a', 'admin');
  const admin = await link(
    world,
    'github',
    github.state.accounts.values().find(({ login }) => login.endsWith('user-a'))?.id ?? 0,
  );
  const invited = await link(world, 'github', invitee.id);
  let invitation = 0;
  for (const { method, path, status, response } of STEPS) {
    const token = path.startsWith('/user/') ? invited.access : admin.access;
    const answer = await world.onGithub(method.toUpperCase(), path.replace('/1000', `/${invitation}`), token);
    expect([path, answer.status]).toEqual([path, status]);
    expect([path, namesIn(answer.body)]).toEqual([path, namesIn(response || undefined)]);
    invitation = answer.body?.id ?? invitation;
  }
  expect(world.contract.breaches).toEqual([]);
});

/** The names an answer consists of, and what is said about people; numbers and addresses differ. */
function namesIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(namesIn);
  if (typeof value !== 'object' || value === null) return typeof value;
  const telling = ['login', 'permissions', 'role_name', 'full_name', 'expired'];
  return Object.fromEntries(
    Object.entries(value)
      // Who invites is a person there, and the App or a person here.
      .filter(([name]) => name !== 'inviter')
      .map(([name, part]) => [name, telling.includes(name) ? part : part === null ? null : namesIn(part)]),
  );
}
