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

test('every question, change and stream says who may ask for it', () => {
  const schema = buildSchema(kinds);
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const fields = roots.flatMap((type) => Object.values(type?.getFields() ?? {}));
  const silent = fields.filter(({ description }) => !WHO_MAY.test(description ?? '')).map(({ name }) => name);
  expect(fields.length).toBeGreaterThan(100);
  expect(silent).toEqual([]);
});

const WHO_MAY =
  /For tokens with the scope `[a-z]+:(read|write)`|For customer sessions\.|Needs no token\.|the caller may see\./;

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
