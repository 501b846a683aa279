import fc from 'fast-check';
import { buildSchema, getVariableValues, type OperationDefinitionNode, parse } from 'graphql';
import { expect, test } from 'vitest';
import { variablesOf } from '../../../src/server/execution/variables.ts';

const schema = buildSchema(`
  enum Kind { ONE TWO }
  input By @oneOf { id: ID name: String }
  input Thing { text: String must: Int! kind: Kind = ONE by: By things: [Thing!] numbers: [[Int]!] = [[1]] }
  type Query { a(thing: Thing, things: [Thing!]!, kind: Kind, by: By): Int }
`);
const QUESTION = 'query ($thing: Thing, $things: [Thing!]!, $kind: Kind = TWO, $by: By = { id: "1" }) { a }';
const operation = parse(QUESTION).definitions[0] as OperationDefinitionNode;
const read = variablesOf(schema, operation);

/** What fits comes up as often as what nearly does. */
const rarely = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof(
    { weight: 12, arbitrary: value },
    { weight: 1, arbitrary: fc.constantFrom(null, undefined, 7, 'x', [], {}) },
  );
const by = fc.oneof(
  { weight: 9, arbitrary: fc.oneof(fc.record({ id: fc.string() }), fc.record({ name: fc.string() })) },
  fc.constantFrom({}, { id: '1', name: 'x' }, { id: null }, { id: 5 }, { other: 'x' }),
);
const { thing } = fc.letrec((tie) => ({
  thing: fc.record(
    {
      text: rarely(fc.string()),
      must: rarely(fc.integer({ min: -5, max: 5 })),
      kind: rarely(fc.constantFrom('ONE', 'TWO')),
      by: rarely(by),
      things: fc.option(fc.array(rarely(tie('thing')), { maxLength: 2 }), { depthIdentifier: 'things', maxDepth: 2 }),
      numbers: rarely(fc.array(fc.array(fc.option(fc.integer())))),
    },
    { requiredKeys: ['must'] },
  ),
}));

const variables = fc.record(
  { thing: rarely(thing), things: rarely(fc.array(thing, { maxLength: 3 })), kind: rarely(fc.constant('ONE')), by },
  { requiredKeys: ['things'] },
);

test('variables are read as graphql-js reads them, and what is wrong with those that do not fit is told as it tells it', () => {
  fc.assert(
    fc.property(variables, (sent) => {
      const given = JSON.parse(JSON.stringify(sent));
      expect(read(given)).toEqual(getVariableValues(schema, operation.variableDefinitions ?? [], given));
    }),
    { numRuns: 1_000 },
  );
});
