import { buildSchema, type ExecutionResult, execute, GraphQLError, parse, validate } from 'graphql';
import { type Call, fieldsOf } from '../exchange.ts';
import { callerOf } from './callers.ts';
import { collaboratorsOf } from './collaborator-routes.ts';
import { covers, deny, type Hub, repositoryNamed } from './hub.ts';
import type { Account, Repository } from './state.ts';
import { fullName, roleOf } from './views.ts';

/** The part of GitHub's schema that reads collaborators; a test holds it against the published one. */
export const SDL = `
  type Query {
    repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
    rateLimit(dryRun: Boolean = false): RateLimit
    user(login: String!): User
  }
  type RateLimit { cost: Int! limit: Int! remaining: Int! }
  type Repository {
    id: ID!
    databaseId: Int
    name: String!
    nameWithOwner: String!
    isPrivate: Boolean!
    isArchived: Boolean!
    collaborators(affiliation: CollaboratorAffiliation, after: String, first: Int, login: String): RepositoryCollaboratorConnection
  }
  enum CollaboratorAffiliation { ALL DIRECT OUTSIDE }
  type RepositoryCollaboratorConnection {
    edges: [RepositoryCollaboratorEdge]
    nodes: [User]
    pageInfo: PageInfo!
    totalCount: Int!
  }
  type RepositoryCollaboratorEdge { cursor: String! node: User! permission: RepositoryPermission! }
  enum RepositoryPermission { ADMIN MAINTAIN READ TRIAGE WRITE }
  type PageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }
  type User { id: ID! databaseId: Int login: String! name: String }
`;
const schema = buildSchema(SDL);
const PAGE = 100;

/** Answers a document; what cannot be found is null, with an error beside it. */
export function answerGraphql(hub: Hub, call: Call): ExecutionResult {
  const { installation, user } = callerOf(hub, call);
  if (!installation && !user) throw deny(401, 'This endpoint requires you to be authenticated.');
  const { query, variables } = fieldsOf(call) as { query?: string; variables?: Record<string, unknown> };
  const repository = ({ owner, name }: { owner: string; name: string }) => {
    const found = findRepository(hub, owner, name);
    if (found && (!found.private || (installation && covers(installation, found)))) return repositoryNode(hub, found);
    throw new GraphQLError(`Could not resolve to a Repository with the name '${owner}/${name}'.`);
  };
  try {
    const document = parse(query ?? '');
    const errors = validate(schema, document);
    if (errors.length > 0) return { errors };
    const rootValue = { repository, user: userNamed(hub), rateLimit: { cost: 1, limit: 5_000, remaining: 4_999 } };
    const result = execute({ schema, document, rootValue, variableValues: variables }) as ExecutionResult;
    return { ...result, ...(result.errors && { errors: result.errors.map(asNotFound) }) };
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  }
}

/** GitHub says with a type, beside the message, what is wrong. */
const asNotFound = (error: GraphQLError): GraphQLError =>
  error.message.startsWith('Could not resolve')
    ? ({ type: 'NOT_FOUND', path: error.path, locations: error.locations, message: error.message } as never)
    : error;

function findRepository({ state }: Hub, owner: string, name: string): Repository | undefined {
  try {
    return repositoryNamed(state, owner, name);
  } catch {
    return undefined;
  }
}

const userNamed =
  ({ state }: Hub) =>
  ({ login }: { login: string }) => {
    const found = state.accounts
      .values()
      .find((one) => one.type === 'User' && one.login.toLowerCase() === login.toLowerCase());
    if (!found) throw new GraphQLError(`Could not resolve to a User with the login of '${login}'.`);
    return userNode(found);
  };

const userNode = ({ id, login, name }: Account) => ({ id: `U_${id}`, databaseId: id, login, name });

const repositoryNode = (hub: Hub, repository: Repository) => ({
  id: `R_${repository.id}`,
  databaseId: repository.id,
  name: repository.name,
  nameWithOwner: fullName(hub, repository),
  isPrivate: repository.private,
  isArchived: repository.archived,
  collaborators: ({
    affiliation = 'ALL',
    after,
    first = PAGE,
    login,
  }: {
    affiliation?: string;
    after?: string;
    first?: number;
    login?: string;
  }) => {
    if (first > PAGE)
      throw new GraphQLError(
        `Requesting ${first} records on the \`collaborators\` connection exceeds the \`first\` limit of ${PAGE} records.`,
      );
    const everybody = collaboratorsOf(hub, repository, affiliation.toLowerCase());
    const all = everybody.filter(([account]) => !login || account.login.toLowerCase() === login.toLowerCase());
    const start = after ? Number(Buffer.from(after, 'base64').toString()) : 0;
    const edges = all.slice(start, start + first).map(([account, permission], index) => ({
      cursor: Buffer.from(String(start + index + 1)).toString('base64'),
      permission: roleOf(permission).toUpperCase(),
      node: userNode(account),
    }));
    return {
      edges,
      nodes: edges.map(({ node }) => node),
      totalCount: all.length,
      pageInfo: {
        startCursor: edges.at(0)?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
        hasNextPage: start + first < all.length,
        hasPreviousPage: start > 0,
      },
    };
  },
});
