import { expect, test } from 'vitest';
import { kinds } from '../../../src/benefits/kinds.ts';
import { buildSchema } from '../../../src/graphql/schema.ts';
import { openDocuments } from '../../../src/server/documents.ts';
import { compile } from '../../../src/server/execution/compiled.ts';
import { readPersistedOperations } from '../../../src/server/persisted.ts';

const schema = buildSchema(kinds);
const persisted = await readPersistedOperations();
const admit = openDocuments(schema, persisted);

test.each([
  ['ValidateLicenseKey', true],
  ['ConsumeLicenseKey', true],
  ['ActivateLicenseKey', false],
  ['BenefitGrants', false],
  ['Customer', false],
])('%s is compiled: %s', (name, expected) => {
  const admitted = admit({ query: persisted.named(name) ?? '' });
  if (admitted.errors) throw new Error(String(admitted.errors));
  expect(compile(schema, admitted) !== undefined).toBe(expected);
});
