import { merchantsProblem, ProviderError } from '../problem.ts';
import { ask, type Clients } from './client.ts';
import { type Level, levelNamed } from './levels.ts';
import { MOST } from './pages.ts';
import type { Repository } from './repositories.ts';
import { judge } from './verdict.ts';

const REPOSITORIES_IN_ONE_CALL = 20;

/** Somebody who may be a collaborator, by what they were called when that was last asked. */
export interface Asked {
  repository: Repository;
  login: string;
}

/** Who goes by a login today, and what they may do in a repository. Null: nobody, and nothing. */
export interface Answered {
  id: number | null;
  level: Level | null;
}

/** Reads who is in repositories of one installation by GraphQL: a few calls for many. Everything throws a ProviderError. */
export function openReading(clients: Clients) {
  return {
    /** Everybody in each of these, by account number. What is refused of one of them is told of that one. */
    async everybody(
      repositories: readonly Repository[],
      signal?: AbortSignal,
    ): Promise<Map<string, Map<number, Level> | ProviderError>> {
      const found = new Map<string, Map<number, Level> | ProviderError>();
      let asked = repositories.map((repository) => ({ repository, after: null as string | null }));
      while (asked.length > 0) {
        const now = asked.splice(0, REPOSITORIES_IN_ONE_CALL);
        const document = documentOf(
          now.map(({ repository, after }, index) =>
            fieldsOf(repository, `r${index}`, [{ alias: 'c', given: { first: MOST, ...(after && { after }) } }]),
          ),
        );
        const { answer, refusals } = await query(clients, now[0]?.repository.installationId ?? 0, document, signal);
        now.forEach(({ repository }, index) => {
          const page = answer[`r${index}`]?.c;
          const refusal = refusals.find(({ path: [at] }) => at === `r${index}`);
          const people = found.get(repository.id) ?? new Map<number, Level>();
          found.set(repository.id, refusal ? refused(refusal) : page ? people : notFound());
          if (!page || people instanceof ProviderError) return;
          for (const { permission, node } of page.edges) people.set(node.databaseId, levelNamed(permission) ?? 'PULL');
          if (page.pageInfo.hasNextPage) asked = [...asked, { repository, after: page.pageInfo.endCursor }];
        });
      }
      return found;
    },
    /**
     * These people alone, however many others there are; null where the repository is not to be seen. What is refused of
     * one of them is told of that one.
     */
    async some(asked: readonly Asked[], signal?: AbortSignal): Promise<(Answered | ProviderError | null)[]> {
      const inEach = [...Map.groupBy(asked, ({ repository }) => repository.id).values()];
      const document = documentOf([
        ...inEach.map((those, index) =>
          fieldsOf(
            those[0]?.repository,
            `r${index}`,
            those.map((one) => ({ alias: `c${asked.indexOf(one)}`, given: { first: 1, login: one.login } })),
          ),
        ),
        ...asked.map(({ login }, index) => `u${index}: user(login: ${JSON.stringify(login)}) { databaseId }`),
      ]);
      const { answer, refusals } = await query(clients, asked[0]?.repository.installationId ?? 0, document, signal);
      return asked.map((one, index) => {
        const alias = `r${inEach.findIndex((those) => those.includes(one))}`;
        const refusal = refusals.find(({ path: [at, within = `c${index}`] }) => at === alias && within === `c${index}`);
        if (refusal) return refused(refusal);
        const there = answer[alias];
        if (!there) return null;
        const id = answer[`u${index}`]?.databaseId ?? null;
        const edge = there[`c${index}`]?.edges.find(({ node }) => node.databaseId === id);
        return { id, level: edge ? levelNamed(edge.permission) : null };
      });
    },
  };
}

interface Connection {
  edges: { permission: string; node: { databaseId: number } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

/** By alias: repositories with their collaborators, and users. */
type Answer = Record<string, (Record<string, Connection | undefined> & { databaseId?: number }) | null | undefined>;

const documentOf = (fields: readonly string[]): string => `query { ${fields.join(' ')} }`;

const fieldsOf = (
  repository: Repository | undefined,
  alias: string,
  connections: readonly { alias: string; given: object }[],
): string =>
  `${alias}: repository(${argumentsOf({ owner: repository?.owner, name: repository?.name })}) { ${connections
    .map(
      (connection) =>
        `${connection.alias}: collaborators(${argumentsOf(connection.given)}) { edges { permission node { databaseId } } pageInfo { hasNextPage endCursor } }`,
    )
    .join(' ')} }`;

const argumentsOf = (given: object): string =>
  Object.entries(given)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join(', ');

/** What is wrong with a place in the answer, where there is null. */
interface Refusal {
  type?: string;
  path: readonly [alias: string, within?: string];
  message: string;
}

/** By its status it would be one elsewhere. */
const refused = ({ message }: Refusal): ProviderError =>
  new ProviderError(judge({ status: 403, headers: {}, message }, new Date()));

/** It was there a moment ago. */
export const notFound = (): ProviderError =>
  new ProviderError(
    merchantsProblem('REPOSITORY_NOT_FOUND', 'The repository is gone, or our App may no longer see it.'),
  );

interface Broken {
  errors?: (Partial<Refusal> & { message: string })[];
  data?: Answer;
  headers?: object;
}

/** What cannot be found, or is refused, is null in the answer; whatever else is wrong is thrown. */
const query = (
  clients: Clients,
  installationId: number,
  document: string,
  signal?: AbortSignal,
): Promise<{ answer: Answer; refusals: Refusal[] }> =>
  ask(async (request) => {
    try {
      return { answer: await clients.graphqlOf(installationId)<Answer>(document, { request }), refusals: [] };
    } catch (error) {
      const { errors = [], data, headers } = error as Broken;
      const refusals = errors.filter((one): one is Refusal => one.type === 'FORBIDDEN' && one.path !== undefined);
      const lacking = errors.filter(({ type }) => type === 'NOT_FOUND');
      if (data && errors.length > 0 && refusals.length + lacking.length === errors.length)
        return { answer: data, refusals };
      // It is no refusal by its status, as it is elsewhere.
      if (errors.some(({ type }) => type === 'RATE_LIMITED'))
        Object.assign(error as Error, { status: 403, response: { headers } });
      throw error;
    }
  }, signal);
