import { getIntrospectionQuery, Kind, type OperationDefinitionNode, parse, print, visit } from 'graphql';
import { describe, expect, test } from 'vitest';
import { kinds } from '../../src/benefits/kinds.ts';
import { toGraphQLError } from '../../src/graphql/errors.ts';
import { openLog } from '../../src/platform/log.ts';
import { openDocuments } from '../../src/server/documents.ts';
import { tooMuch } from '../../src/server/limits.ts';
import { openPersistedOperations } from '../../src/server/persisted.ts';
import { documents } from '../operations/documents.ts';
import { schemaOf } from '../support/schema.ts';

const schema = schemaOf(kinds);
const admit = openDocuments(schema, openPersistedOperations({}));
const codeOf = (query: string, variables = {}) => {
  const { errors } = admit({ query, variables });
  return errors?.[0]?.extensions.code;
};

describe('what users send passes, with pages of 100', () => {
  const fullPages = { first: 100 };
  test.each([...documents])('%s', (_name, document) => {
    const paged = visit(document, {
      Argument: (node) =>
        node.name.value === 'first' ? { ...node, value: { kind: Kind.INT, value: '100' } as const } : undefined,
    });
    for (const one of [document, paged]) {
      const operation = one.definitions.find(
        (node) => node.kind === Kind.OPERATION_DEFINITION,
      ) as OperationDefinitionNode;
      expect(tooMuch(schema, one, operation, fullPages)).toBeUndefined();
    }
  });

  test('what tools ask a schema about itself', () => {
    expect(
      admit({ query: getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }) }).errors,
    ).toBeUndefined();
  });
});

const nested = (levels: number, open = '{ subscriptions { edges { node { customer ') =>
  `{ customer(by: {}) ${open.repeat(levels)} { id } ${'}'.repeat(levels * (open.split('{').length - 1))} }`;
const TOO_MUCH = {
  '10,000 aliases': `{ ${Array.from({ length: 10_000 }, (_, index) => `a${index}: __typename`).join(' ')} }`,
  '101 aliases': `{ ${Array.from({ length: 101 }, (_, index) => `a${index}: __typename`).join(' ')} }`,
  '101 aliases in a fragment spread twice': `{ ...A ...A } fragment A on Query { ${Array.from({ length: 51 }, (_, index) => `a${index}: __typename`).join(' ')} }`,
  '100 levels': nested(25),
  'levels beyond the stack': `{ ${'a {'.repeat(3_000)} a ${'}'.repeat(3_000)} }`,
  'lists beyond the stack': `{ node(id: ${'['.repeat(9_000)}) { id } }`,
  'levels in fragments': `{ ...F0 } ${Array.from({ length: 40 }, (_, index) => `fragment F${index} on Query { node(id: "") { ... on Customer { organization { id } } } ...F${index + 1} }`).join(' ')} fragment F40 on Query { ${'a { '.repeat(30)} a ${'}'.repeat(30)} }`,
  'fragments that double 40 times': `{ ...F0 } ${Array.from({ length: 40 }, (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`).join(' ')} fragment F40 on Query { __typename }`,
  '3,000 fields': `{ ${'__typename '.repeat(3_000)} }`,
  '3,000 fields of an operation that is not asked for': `query A { __typename } query B { ${'__typename '.repeat(3_000)} }`,
  '100,000 words': `{ ${'__typename '.repeat(100_000)} }`,
  'a million objects':
    '{ customers(first: 100) { edges { node { grants(first: 100) { edges { node { history(first: 100) { edges { node { id } } } } } } } } } }',
};
test.each(Object.entries(TOO_MUCH))('%s are refused', (_what, query) => {
  const before = process.cpuUsage();
  const { errors } = admit({ query, ...(query.includes('query A') && { operationName: 'A' }) });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX', limit: expect.any(Number) });
  expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
});

test('pages are taken to be as long as the variables say, and no longer than they can be', () => {
  const query = `query ($customers: Int, $grants: Int) {
    customers(first: $customers) { edges { node { grants(first: $grants) { edges { node { history(first: $grants) { edges { node { id } } } } } } } } }
  }`;
  expect(codeOf(query, { customers: 5, grants: 5 })).toBeUndefined();
  expect(codeOf(query, { customers: 100, grants: 100 })).toBe('QUERY_TOO_COMPLEX');
  expect(codeOf(query)).toBeUndefined();
  expect(codeOf('{ customers(first: 1000000000) { edges { node { id } } } }')).toBeUndefined();
});

test('a document that was let in once is weighed again with other variables', () => {
  const query = `query Again($first: Int) {
    customers(first: $first) { edges { node { grants(first: $first) { edges { node { history(first: $first) { edges { node { id } } } } } } } } }
  }`;
  expect(codeOf(query, { first: 2 })).toBeUndefined();
  expect(codeOf(query, { first: 100 })).toBe('QUERY_TOO_COMPLEX');
  expect(codeOf(query, { first: 2 })).toBeUndefined();
});

const UNSOUND = {
  'a fragment that contains itself': '{ ...A } fragment A on Query { ...A __typename }',
  'fragments that contain each other': '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
  'a fragment that is not there': '{ ...A }',
  'a field that is not there': '{ nothing { of { the { kind } } } }',
  'a type that is not there': '{ ... on Nothing { a } }',
  'a syntax error': '{ customers(',
  'no operation': 'fragment A on Query { __typename }',
  'several operations': 'query A { __typename } query B { __typename }',
  'more mistakes than anybody reads': `{ ${Array.from({ length: 50 }, (_, index) => `field${index}`).join(' ')} }`,
  nothing: '',
  'a subscription of two fields': 'subscription { eventAppended { id } benefitGrantChanged { cursor } }',
  'an introspection that goes around': `{ __schema { types { ${'fields { type { '.repeat(4)} name ${'} }'.repeat(4)} } } }`,
};
test.each(Object.entries(UNSOUND))('%s is an error, and no more', (_what, query) => {
  const { errors } = admit({ query });
  expect(errors?.length).toBeGreaterThan(0);
  for (const error of errors ?? []) {
    const { extensions } = toGraphQLError(error, 'req_1', openLog('silent'));
    expect(extensions.code).toBe('BAD_USER_INPUT');
  }
});

test('every document is answered the same the second time', () => {
  for (const query of [...Object.values(UNSOUND), ...Object.values(TOO_MUCH), print(parse('{ __typename }'))]) {
    const [first, second] = [admit({ query }), admit({ query })];
    expect(second.errors?.map(String)).toEqual(first.errors?.map(String));
  }
});
