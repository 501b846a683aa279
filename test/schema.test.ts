import { type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { kinds } from '../src/benefits/kinds.ts';
import { committedSchema, printedSchema } from '../src/graphql/print.ts';
import { buildSchema } from '../src/graphql/schema.ts';

test('schema.graphql is what the code says; `npm run schema` writes it', async () => {
  expect(await committedSchema()).toBe(printedSchema());
});

test('every type, field, argument, enum value and input field is described', () => {
  expect(undescribed(buildSchema(kinds))).toEqual([]);
});

function undescribed(schema: GraphQLSchema): string[] {
  const missing: string[] = [];
  const look = (name: string, { description }: { description?: string | null | undefined }) => {
    if (!description?.trim()) missing.push(name);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    look(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      look(`${type.name}.${field.name}`, field);
      if ('args' in field)
        for (const argument of field.args) look(`${type.name}.${field.name}(${argument.name})`, argument);
    }
  }
  return missing;
}
