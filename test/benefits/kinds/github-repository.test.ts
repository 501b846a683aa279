import { afterAll, beforeAll, expect, test } from 'vitest';
import githubRepository from '../../../src/benefits/kinds/github-repository.ts';
import { type Api, openApi } from '../../graphql/api.ts';
import { exercise } from '../exercise.ts';

exercise(githubRepository);

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const create = (repositories: object[]) =>
  api.call(
    'createBenefit',
    { description: 'Code', properties: { githubRepository: { repositories } } },
    'benefit { id }',
  );

test('where GitHub is not configured, the error says what to do', async () => {
  expect(await create([{ owner: 'acme', name: 'app' }])).toMatchObject({
    __typename: 'ConflictError',
    message: expect.stringContaining('docs/github.md'),
    path: ['properties', 'githubRepository', 'repositories'],
  });
});

test.each([
  ['a slash', { owner: 'acme', name: 'acme/app' }, 'name'],
  ['unicode', { owner: 'acme', name: 'ápp' }, 'name'],
  ['two dots', { owner: 'acme', name: '..' }, 'name'],
  ['a slash in the owner', { owner: 'acme/app', name: 'app' }, 'owner'],
  ['an owner in unicode', { owner: 'äcme', name: 'app' }, 'owner'],
])('a name with %s is refused where it stands', async (_, repository, field) => {
  expect(await create([repository])).toMatchObject({
    __typename: 'InvalidInputError',
    path: ['properties', 'githubRepository', 'repositories', '0', field],
  });
});
