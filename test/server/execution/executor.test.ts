import {
  buildSchema,
  execute,
  type GraphQLObjectType,
  isObjectType,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { expect, test } from 'vitest';
import type { Context } from '../../../src/graphql/context.ts';
import { executorOf } from '../../../src/server/execution/executor.ts';

/** Everything an answer can consist of, below itself. */
const schema = buildSchema(`
  interface Thing { text: String must: Int! next: Thing }
  type A implements Thing {
    text(a: Int = 1, b: [Int!]): String must: Int! next: Thing node: A sure: A! list: [A] sureList: [[B]!]! union: U }
  type B implements Thing { text: String must: Int! next: Thing kind: Kind other: B things: [Thing] union: U! }
  union U = A | B
  enum Kind { ONE TWO }
  type Query { a: A b: B! u: U t: [Thing]! n(of: Int!): Int }
  type Mutation { a: A b: B }
`);

/** What is found at a place follows from where it is; sometimes it is promised, missing, or goes wrong. */
for (const type of Object.values(schema.getTypeMap())) {
  if (!isObjectType(type) || type.name.startsWith('__')) continue;
  for (const field of Object.values(type.getFields())) {
    field.resolve = (source, args, context: unknown, { path, fieldName }) => {
      const { salt } = context as { salt: number };
      const seed = hash(`${(source as Found)?.seed ?? 0} ${path.key} ${JSON.stringify(args)} ${salt}`);
      const value = found(String(field.type), seed);
      const turn = seed % 41;
      if (turn === 0) throw new Error(`${fieldName} threw`);
      if (turn === 1) return Promise.reject(new Error(`${fieldName} rejected`));
      if (turn === 2) return new Error(`${fieldName} is an error`);
      if (turn === 3) return null;
      return turn < 12 ? Promise.resolve(value) : value;
    };
  }
}
for (const name of ['U', 'Thing'])
  Object.assign(schema.getType(name) as object, { resolveType: ({ seed }: Found) => (seed % 2 ? 'A' : 'B') });

interface Found {
  seed: number;
}

function found(type: string, seed: number): unknown {
  if (type.endsWith('!')) return found(type.slice(0, -1), seed);
  if (type.startsWith('['))
    return Array.from({ length: seed % 4 }, (_, index) => {
      const item = found(type.slice(1, -1), hash(`${seed} ${index}`));
      return (seed + index) % 7 === 0 ? Promise.resolve(item) : (seed + index) % 29 === 0 ? null : item;
    });
  if (type === 'Int') return seed % 100;
  if (type === 'String') return `text ${seed}`;
  return type === 'Kind' ? ['ONE', 'TWO', 'THREE'][seed % 3] : { seed };
}

function hash(text: string): number {
  let value = 7;
  for (const character of text) value = (value * 31 + character.charCodeAt(0)) % 1_000_003;
  return value;
}

const FRAGMENTS = `
  fragment F on Thing { text must ...G ... on B { kind k: kind } next { __typename ... on A { must node { must } } } }
  fragment G on A { node { text must } sure { must: text } }`;
const DOCUMENTS = [
  '{ a { __typename text must } }',
  '{ a { text(a: 2, b: [1, 2]) x: text(a: null) node { node { sure { must } } } } b { kind things { text } } }',
  '{ a { node { text } } a { node { must } ...G } u { ...F } u { ... on A { list { must text } } } }',
  '{ t { ...F } b { union { ...F ... on U { ... on B { other { must } } } } other { other { must } } } }',
  '{ a { sureList { must kind union { __typename } } list { sure { sure { must } } union { ...F } } } }',
  'query Q($n: Int!, $b: [Int!] = [3]) { n(of: $n) m: n(of: 2) a { text(a: $n, b: $b) list { text(b: $b) } } }',
  'mutation { a { must node { text } } }',
  'mutation { a { must } b { must things { text } } c: a { node { sure { must } } } }',
  'query Q($n: Int!, $no: Boolean = false) { n(of: $n) @skip(if: $no) a { ...F @include(if: $no) text @skip(if: true) } }',
  'query Q($yes: Boolean!) { a { ... @include(if: $yes) { list { must } text } ...F @skip(if: $yes) ...F } b @skip(if: $yes) { must } }',
  'query Q($null: Boolean = true) { a { text must @skip(if: $null) node { must @include(if: $null) } } }',
  '{ __proto__: a { __proto__: must text } b { __proto__: kind } }',
  '{ a { must } __schema { types { name kind fields { name type { ofType { name } } } } } __type(name: "U") { possibleTypes { name } } }',
];

test.each(DOCUMENTS)('%s is answered as graphql-js answers it', async (text) => {
  const document = parse(text.includes('...') ? `${text} ${FRAGMENTS}` : text);
  const used = text.includes('...F')
    ? document
    : parse(text.includes('...G') ? `${text} ${FRAGMENTS.split('\n')[2]}` : text);
  expect(validate(schema, used)).toEqual([]);
  const [operation] = used.definitions as [OperationDefinitionNode];
  const executor = executorOf(schema, used, operation);
  let wrong = 0;
  for (let salt = 0; salt < 300; salt++) {
    const variables = { n: salt, yes: salt % 2 === 0, ...(salt % 3 === 0 && { null: null }) };
    const context = { salt } as unknown as Context;
    const expected = await execute({ schema, document: used, variableValues: variables, contextValue: context });
    const answer = await executor(variables, context);
    expect(JSON.stringify(answer?.data)).toBe(JSON.stringify(expected.data));
    // Where everything is null, several may have gone wrong, and those that are waited for come in any order.
    if (expected.data) expect(told(answer)).toEqual(told(expected));
    else expect(told(expected).some((error) => told(answer).includes(error))).toBe(true);
    wrong += expected.errors ? 1 : 0;
  }
  expect(wrong).toBeGreaterThan(0);
});

/** What may stand where nobody resolves anything. */
const STANDING: [string, () => unknown][] = [
  ['a number', () => 7],
  ['text', () => 'ONE'],
  ['nothing', () => null],
  ['less than nothing', () => undefined],
  ['no number', () => Number.NaN],
  ['an object', () => ({ n: 1 })],
  ['a list', () => [1, 2]],
  ['an error', () => new Error('broken')],
  ['a method', () => () => 'ONE'],
  ['one that throws', () => () => fail()],
  ['a promise', () => Promise.resolve(3)],
  ['one that is broken', () => Promise.reject(new Error('broken'))],
];

test.each(STANDING)('%s that stands there is answered as graphql-js answers it', async (_what, make) => {
  const plain = buildSchema(
    'type Query { t: T } type T { is: Int must: Int! text: String kind: Kind any: Any t: T } enum Kind { ONE } scalar Any',
  );
  for (const field of ['is', 'must', 'text', 'kind', 'any', 't { is }']) {
    const document = parse(`{ t { ${field} } }`);
    const [operation] = document.definitions as [OperationDefinitionNode];
    const root = () => ({ t: { [field.split(' ')[0] ?? '']: make() } });
    const expected = await execute({ schema: plain, document, rootValue: root() });
    const answer = await executorOf(plain, document, operation)({}, {} as Context, root());
    expect(JSON.stringify(answer.data)).toBe(JSON.stringify(expected.data));
    expect(told(answer)).toEqual(told(expected));
  }
});

function fail(): never {
  throw new Error('broken');
}

/** In the order of their places: which of several that are waited for goes wrong first is nobody's business. */
const told = (answer: Awaited<ReturnType<typeof execute>> | undefined) =>
  (answer?.errors ?? []).map((error) => JSON.stringify(error)).sort();

test.each([
  ['', '{ list { now later } }'],
  ['beside directives', '{ list { now @skip(if: false) later } }'],
  ['beside questions about the schema', '{ __type(name: "T") { name } list { now later } }'],
])('a list that goes wrong %s leaves nothing behind that nobody hears of', async (_beside, text) => {
  const small = buildSchema('type Query { list: [T!] } type T { now: Int! later: Int! }');
  const fields = (small.getType('T') as GraphQLObjectType).getFields();
  Object.assign(fields.now as object, { resolve: (now: boolean) => (now ? 1 : null) });
  Object.assign(fields.later as object, { resolve: () => Promise.reject(new Error('too late')) });
  Object.assign(small.getQueryType()?.getFields().list as object, { resolve: () => [true, false] });
  const document = parse(text);
  const [operation] = document.definitions as [OperationDefinitionNode];
  const answer = await executorOf(small, document, operation)({}, {} as Context);
  expect(answer?.data).toMatchObject({ list: null });
  expect(answer?.errors?.map(({ path }) => path)).toEqual([['list', 1, 'now']]);
});

test('nor do the promises behind the one that goes wrong', async () => {
  const small = buildSchema('type Query { list: [Int!] }');
  const resolve = () => [1, null, Promise.reject(new Error('not reached'))];
  Object.assign(small.getQueryType()?.getFields().list as object, { resolve });
  const document = parse('{ list }');
  const [operation] = document.definitions as [OperationDefinitionNode];
  const answer = await executorOf(small, document, operation)({}, {} as Context);
  expect(answer.errors?.map(({ path }) => path)).toEqual([['list', 1]]);
});

test('what is wrong with variables that do not fit is told as graphql-js tells it, and nothing is executed', async () => {
  const document = parse('query ($n: Int!, $m: Int) { n(of: $n) m: n(of: 1) @include(if: true) }');
  const [operation] = document.definitions as [OperationDefinitionNode];
  const variables = { n: 'one', m: 0.5 };
  const answer = await executorOf(schema, document, operation)(variables, {} as Context);
  expect(answer).toEqual(await execute({ schema, document, variableValues: variables }));
  expect(answer.data).toBeUndefined();
});
