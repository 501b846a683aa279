import { validate } from 'graphql';
import { expect, test } from 'vitest';
import { kinds } from '../../src/benefits/kinds.ts';
import { schemaOf } from '../support/schema.ts';
import { documents, STILL_TO_COME } from './documents.ts';

const schema = schemaOf(kinds);

/** What an error of graphql-js complains of: a type, or a field as `Type.field`; else its words. */
function complaint(message: string): string {
  const [, field, on] = /^Cannot query field "(\w+)" on type "(\w+)"/.exec(message) ?? [];
  return field ? `${on}.${field}` : (/^Unknown type "(\w+)"/.exec(message)?.[1] ?? message);
}

test('every document is valid but for exactly what is still to come', () => {
  const complaints = [...documents.values()].flatMap((document) => validate(schema, document));
  expect([...new Set(complaints.map((error) => complaint(error.message)))].sort()).toEqual(STILL_TO_COME);
});
