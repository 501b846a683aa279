import { afterEach, beforeEach, expect, test } from 'vitest';
import { readProviders } from '../../../src/config.ts';
import { type Github, openGithub } from '../../../src/providers/github.ts';
import { openSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { openContract } from '../../support/contract.ts';

const contract = openContract();
let sandbox: Sandbox;
let github: Github;
beforeEach(async () => {
  sandbox = await openSandbox({ limits: 'off', onExchange: contract.hear });
  const { github: hub, environment } = sandbox;
  hub.addOrganization('acme');
  for (const name of ['one', 'two']) hub.addRepository(`acme/${name}`);
  hub.install('acme');
  const settings = readProviders(environment).github;
  if (!settings) throw new Error('GitHub is not configured.');
  github = openGithub(settings, sandbox.clock.now);
});
afterEach(async () => {
  await sandbox[Symbol.asyncDispose]();
  contract.expectKept();
});

const somebody = (login: string) => ({ id: String(sandbox.github.addUser(login).id), login });
const repository = (name: string) => github.repositories.find({ owner: 'acme', name });

test('those who are asked about at the same time are read together, each as they stand', async () => {
  const { github: hub } = sandbox;
  const [one, two] = [await repository('one'), await repository('two')];
  const people = Object.fromEntries(
    ['member', 'invited', 'lapsed', 'stranger', 'renamed', 'gone', 'elsewhere'].map((name) => [name, somebody(name)]),
  ) as Record<string, { id: string; login: string }>;
  const of = (name: string) => people[name] ?? { id: '', login: '' };
  hub.addCollaborator('acme/one', 'member', 'push');
  hub.addCollaborator('acme/two', 'elsewhere', 'admin');
  await github.collaborators.put(one, 'lapsed', 'PULL');
  sandbox.clock.advance(8 * 24 * 60 * 60_000);
  await github.collaborators.put(one, 'invited', 'TRIAGE');
  hub.rename('renamed', 'new-name');
  // Whoever took the name since is somebody else.
  hub.addUser('renamed');
  hub.addCollaborator('acme/one', 'renamed', 'admin');
  hub.forgetCalls();

  const asked = ['member', 'invited', 'lapsed', 'stranger', 'renamed', 'elsewhere'];
  const found = await Promise.all([
    ...asked.map((name) => github.standingOf(one, of(name))),
    github.standingOf(one, { id: '999999', login: 'nobody' }),
    github.standingOf(two, of('elsewhere')),
  ]);
  expect(found).toEqual([
    { login: 'member', level: 'PUSH', invitations: [] },
    {
      login: 'invited',
      level: null,
      invitations: [expect.objectContaining({ level: 'TRIAGE', expired: false })],
    },
    { login: 'lapsed', level: null, invitations: [expect.objectContaining({ level: 'PULL', expired: true })] },
    { login: 'stranger', level: null, invitations: [] },
    { login: 'new-name', level: null, invitations: [] },
    { login: 'elsewhere', level: null, invitations: [] },
    null,
    { login: 'elsewhere', level: 'ADMIN', invitations: [] },
  ]);
  expect(hub.counts().byRoute).toMatchObject({ 'POST /graphql': 1, 'GET /repos/{owner}/{repo}/invitations': 1 });
});

test('whom GitHub does not answer about fails alone', async () => {
  const [one, two] = [await repository('one'), await repository('two')];
  const [first, second] = [somebody('first'), somebody('second')];
  sandbox.github.removeRepository('acme/two');
  const [there, gone] = await Promise.allSettled([github.standingOf(one, first), github.standingOf(two, second)]);
  expect(there).toMatchObject({ status: 'fulfilled', value: { login: 'first' } });
  expect(gone).toMatchObject({ status: 'rejected', reason: { problem: { code: 'REPOSITORY_NOT_FOUND' } } });
});

test('what is refused of one repository is no refusal of those that were asked about with it', async () => {
  const [one, two] = [await repository('one'), await repository('two')];
  const [first, second] = [somebody('first'), somebody('second')];
  const collaborators = { c0: { edges: [], pageInfo: { hasNextPage: false, endCursor: null } } };
  sandbox.github.fail(
    {
      status: 200,
      body: {
        data: { r0: collaborators, r1: { c1: null }, u0: { databaseId: Number(first.id) }, u1: null },
        errors: [{ type: 'FORBIDDEN', path: ['r1', 'c1'], message: 'Resource not accessible by integration' }],
      },
    },
    { route: 'POST /graphql', times: 1 },
  );
  const [open, closed] = await Promise.allSettled([github.standingOf(one, first), github.standingOf(two, second)]);
  expect(open).toMatchObject({ status: 'fulfilled', value: { login: 'first' } });
  expect(closed).toMatchObject({ status: 'rejected', reason: { problem: { code: 'MISSING_PERMISSION' } } });
});

test('what anybody may do in a public repository was given to nobody', async () => {
  const { github: hub } = sandbox;
  hub.addRepository('acme/open', { private: false });
  const open = await repository('open');
  expect(await github.standingOf(open, somebody('passer-by'))).toMatchObject({ level: null });
  const invited = somebody('reader');
  hub.addCollaborator('acme/open', 'reader', 'pull');
  expect(await github.standingOf(open, invited)).toMatchObject({ level: null });
});

test('a limit that GitHub tells in an answer of GraphQL is waited for', async () => {
  const one = await repository('one');
  sandbox.github.fail(
    {
      status: 200,
      headers: {
        'x-ratelimit-limit': '5000',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Math.ceil(sandbox.clock.now().getTime() / 1_000) + 120),
        'x-ratelimit-resource': 'graphql',
      },
      body: { errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded for installation ID 1.' }] },
    },
    { route: 'POST /graphql' },
  );
  await expect(github.standingOf(one, somebody('waiting'))).rejects.toMatchObject({
    problem: { code: 'RATE_LIMITED', who: 'SYSTEM', seconds: expect.any(Number) },
  });
});
