import {
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredInputField,
} from 'graphql';

const SCALARS: Record<string, unknown> = {
  BigInt: '1',
  Boolean: true,
  DateTime: '2026-01-01T00:00:00Z',
  Decimal: '1',
  Float: 1,
  ID: 'x',
  Int: 1,
  JSON: {},
  Metadata: {},
  String: 'x',
};

/** The least that the API takes for a value of this type; what it means is another matter. */
export function exampleOf(given: GraphQLInputType): unknown {
  const type = getNullableType(given);
  if (isListType(type)) return [exampleOf(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (!isInputObjectType(type)) return SCALARS[type.name];
  const fields = Object.values(type.getFields());
  const named = type.isOneOf ? fields.slice(0, 1) : fields.filter(isRequiredInputField);
  return Object.fromEntries(named.map((field) => [field.name, exampleOf(field.type)]));
}
