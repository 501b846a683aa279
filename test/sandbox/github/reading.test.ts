import * as published from '@octokit/graphql-schema';
import { buildSchema, type GraphQLFieldMap, isEnumType, isObjectType } from 'graphql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SDL } from '../../../src/sandbox/github/graphql.ts';
import { openWorld } from '../callers.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
let token: string;
beforeEach(async () => {
  world = await openWorld();
  token = await world.installationToken();
});
afterEach(() => world.sandbox[Symbol.asyncDispose]());

test('the collaborators of many repositories are read at once, and what is missing is said beside them', async () => {
  world.github.addCollaborator('acme/engine', 'ada', 'maintain');
  const fields =
    'databaseId collaborators(first: 1, affiliation: DIRECT) { edges { permission node { databaseId } } pageInfo { hasNextPage } }';
  const query = `{ a: repository(owner: "acme", name: "engine") { ${fields} } b: repository(owner: "acme", name: "gone") { ${fields} } }`;
  const { body } = await world.onGithub('POST', '/graphql', token, { query });
  expect(body.data).toMatchObject({
    a: { collaborators: { edges: [{ permission: 'MAINTAIN', node: { databaseId: world.ada.id } }] } },
    b: null,
  });
  expect(body.errors).toMatchObject([{ type: 'NOT_FOUND', path: ['b'] }]);
  const mistaken = await world.onGithub('POST', '/graphql', token, { query: '{ repository { x } }' });
  expect(mistaken.body.errors.length).toBeGreaterThan(0);
  expect(await world.onGithub('POST', '/graphql', '', { query })).toMatchObject({ status: 401 });
});

test('the emulated part of the GraphQL schema stands in the published one', () => {
  const real = buildSchema(published.schema.idl, { assumeValid: true });
  for (const type of Object.values(buildSchema(SDL).getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    const other = real.getType(type.name);
    if (isEnumType(type) && isEnumType(other))
      expect(type.getValues().map(({ name }) => name)).toEqual(other.getValues().map(({ name }) => name));
    if (isObjectType(type) && isObjectType(other))
      expect(shape(other.getFields())).toMatchObject(shape(type.getFields()));
  }
});

const shape = (fields: GraphQLFieldMap<unknown, unknown>) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, { type, args }]) => [
      name,
      { type: String(type), args: Object.fromEntries(args.map((argument) => [argument.name, String(argument.type)])) },
    ]),
  );
