import { type DocumentNode, execute, type GraphQLSchema, parse, print, validate } from 'graphql';
import type { Kind } from '../../src/benefits/kind.ts';
import { createContext, type Services } from '../../src/graphql/context.ts';
import { toGraphQLError } from '../../src/graphql/errors.ts';
import type { Viewer } from '../../src/graphql/viewer.ts';
import { type House, openHouse } from '../support/house.ts';
import { schemaOf } from '../support/schema.ts';

// biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the document asks for
type Data = any;

export interface Answer {
  data: Data;
  errors: { message: string; path?: readonly (string | number)[]; extensions: Record<string, unknown> }[];
}

export type Api = Awaited<ReturnType<typeof openApi>>;

/** The schema over a real database, asked without any transport. */
export async function openApi(options: { kinds?: readonly Kind[]; house?: House } = {}) {
  const house = options.house ?? (await openHouse(options.kinds ? { kinds: options.kinds } : {}));
  const schema = schemaOf(house.kinds);
  const logged: { message: string; facts?: Record<string, unknown> }[] = [];
  const note = (message: string, facts?: Record<string, unknown>) =>
    void logged.push({ message, ...(facts && { facts }) });
  const services = {
    ...house,
    clock: () => new Date(house.time.now),
    log: { debug: note, info: note, warn: note, error: note },
    url: 'http://boon.test',
  } as unknown as Services;
  const viewer = merchant(house.organizationId);

  const ask = (document: string, variables: object = {}, as: Viewer = viewer): Promise<Answer> =>
    perform(schema, services, parse(document), variables, as);

  return {
    ...house,
    schema,
    services,
    /** What was written to the log. */
    logged,
    viewer,
    ask,
    /** Asks, and fails unless there is an answer without errors. */
    async get(document: string, variables: object = {}, as: Viewer = viewer): Promise<Data> {
      const { data, errors } = await ask(document, variables, as);
      if (errors.length > 0) throw new Error(`${JSON.stringify(errors)}\n${print(parse(document))}`);
      return data;
    },
    /** Runs one mutation with everything its payload and its mistakes say about themselves. */
    async call(name: string, input: object, selection: string, as: Viewer = viewer): Promise<Data> {
      const title = name.charAt(0).toUpperCase() + name.slice(1);
      const document = `mutation Call($input: ${title}Input!) { ${name}(input: $input) {
        __typename ... on ${title}Payload { ${selection} } ... on UserError { code message path } } }`;
      const { data, errors } = await ask(document, { input }, as);
      if (errors.length > 0) throw new Error(JSON.stringify(errors));
      return data[name];
    },
  };
}

export const merchant = (organizationId: string, ...scopes: string[]): Viewer => ({
  is: 'merchant',
  organizationId,
  tokenId: 'tok_test',
  scopes,
  expiresAt: null,
});

export const customerViewer = (organizationId: string, customerId: string): Viewer => ({
  is: 'customer',
  organizationId,
  customerId,
  sessionId: 'ses_test',
  expiresAt: new Date(8.64e15),
});

export const anonymous: Viewer = { is: 'anonymous' };

let requests = 0;

async function perform(
  schema: GraphQLSchema,
  services: Services,
  document: DocumentNode,
  variables: object,
  viewer: Viewer,
): Promise<Answer> {
  const requestId = `request-${++requests}`;
  const contextValue = createContext(services, { viewer, requestId, address: '127.0.0.1' });
  const invalid = validate(schema, document);
  const result =
    invalid.length > 0
      ? { errors: invalid }
      : await execute({ schema, document, contextValue, variableValues: variables as Record<string, unknown> });
  const errors = (result.errors ?? []).map((error) => toGraphQLError(error, requestId, services.log));
  // As it goes over the wire.
  return JSON.parse(JSON.stringify({ data: 'data' in result ? result.data : null, errors }));
}
