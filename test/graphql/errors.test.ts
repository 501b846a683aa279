import { buildSchema, executeSync, GraphQLError, parse } from 'graphql';
import { expect, test } from 'vitest';
import { CursorExpiredError } from '../../src/domain/cursors.ts';
import { forbidden, toGraphQLError } from '../../src/graphql/errors.ts';
import { InvalidInputError } from '../../src/lib/errors.ts';
import { openLog } from '../../src/platform/log.ts';

const lines: string[] = [];
const log = openLog('error', (line) => void lines.push(line));
const see = (error: unknown) => toGraphQLError(error, 'request-1', log).toJSON();
const path = ['customer', 'name'];
const hidden = { extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-1' } };

test.each([
  ['an exception', new Error('relation "Customer" does not exist')],
  [
    'an exception that graphql-js has wrapped',
    new GraphQLError('secret', { path, originalError: new Error('secret') }),
  ],
  ['an exception that somebody else has wrapped', new GraphQLError('secret', { originalError: new Error('secret') })],
  [
    'a value of a resolver that does not fit its type',
    new GraphQLError('secret', { path, originalError: new GraphQLError('secret') }),
  ],
  ['something that is no error', 'secret'],
])('%s is hidden', (_, error) => {
  lines.length = 0;
  const seen = see(error);
  expect(seen).toMatchObject(hidden);
  expect(JSON.stringify(seen)).not.toMatch(/secret|relation/);
  expect(lines.map((line) => JSON.parse(line).requestId)).toEqual(['request-1']);
});

test('a broken rule in a query says what is wrong, and where', () => {
  const error = new InvalidInputError('It is too long.', ['filter', 'name']);
  expect(see(new GraphQLError(error.message, { path, originalError: error }))).toMatchObject({
    message: 'It is too long.',
    path,
    extensions: { code: 'BAD_USER_INPUT', path: ['filter', 'name'] },
  });
});

test('an error made for callers stays as it is', () => {
  expect(see(new GraphQLError('No.', { path, originalError: forbidden('No.') }))).toMatchObject({
    message: 'No.',
    path,
    extensions: { code: 'FORBIDDEN' },
  });
  expect(see(new CursorExpiredError('Too old.'))).toMatchObject({
    message: 'Too old.',
    extensions: { code: 'CURSOR_EXPIRED' },
  });
});

test.each<[value: unknown, path: string[]]>([
  [undefined, ['input']],
  [null, ['input']],
  ['x', ['input']],
  [{}, ['input', 'lines']],
  [{ lines: [], more: 1 }, ['input', 'more']],
  [{ lines: [{ amount: 1 }, { amount: 'x' }] }, ['input', 'lines', '1', 'amount']],
  [{ lines: [{ amount: 1 }, {}] }, ['input', 'lines', '1', 'amount']],
  [{ lines: [{ amount: 1, more: 1 }] }, ['input', 'lines', '0', 'more']],
])('a variable that does not fit names its place: %j', (input, at) => {
  const schema = buildSchema(
    'type Query { a(input: Input!): Int } input Input { lines: [Line!]! } input Line { amount: Int! }',
  );
  const document = parse('query($input: Input!) { a(input: $input) }');
  const { errors = [] } = executeSync({ schema, document, variableValues: { input } });
  expect(errors).toHaveLength(1);
  expect(see(errors[0])).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', path: at } });
});
