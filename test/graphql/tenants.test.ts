import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isInputObjectType,
  isLeafType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as organizations from '../../src/domain/organizations.ts';
import { type Api, openApi } from './api.ts';
import { exampleOf } from './example.ts';
import { type OneOfEach, oneOfEach } from './one-of-each.ts';

let api: Api;
let ours: OneOfEach;
let theirs: OneOfEach;
beforeAll(async () => {
  api = await openApi();
  const other = await api.transaction((tx) => organizations.create(tx, { name: 'Other' }));
  ours = await oneOfEach(api, api.organizationId, 'ours');
  theirs = await oneOfEach(api, other.id, 'theirs');
});
afterAll(() => api[Symbol.asyncDispose]());

/** Where an operation takes an id, from its argument downwards. */
type Place = readonly string[];

test.each(['query', 'mutation'] as const)(
  'an id of another organization is to every %s as one that nobody has',
  async (operation) => {
    const told = await happenings(theirs.organization);
    const root = operation === 'query' ? api.schema.getQueryType() : api.schema.getMutationType();
    let places = 0;
    for (const field of Object.values(root?.getFields() ?? {})) {
      for (const place of field.args.flatMap(({ name, type }) => placesIn(type, [name]))) {
        if (KNOWN_TO_WHOEVER_HAS_IT.includes(field.name)) continue;
        const id = theirs[meantBy(field.name, place)];
        const [foreign, unknown] = [
          await ask(operation, field, place, id),
          await ask(operation, field, place, nobodys(id)),
        ];
        const where = `${field.name} ${place.join('.')}`;
        expect({ where, ...foreign }).toEqual({ where, ...unknown });
        expect(JSON.stringify(foreign)).not.toContain('INTERNAL');
        places++;
      }
    }
    expect(places).toBeGreaterThan(operation === 'query' ? 20 : 60);
    expect(await happenings(theirs.organization)).toBe(told);
  },
);

/** The id of an activation is a secret that is enough to deactivate it. */
const KNOWN_TO_WHOEVER_HAS_IT = ['deactivateLicenseKey'];

const happenings = (organizationId: string) => api.prisma.event.count({ where: { organizationId } });

/** An id of the same form. */
const nobodys = (id: string) => `${id.slice(0, -4)}${id.endsWith('0000') ? '1111' : '0000'}`;

/** Whose id it is: what its place, or else its operation, names last. */
function meantBy(operation: string, place: Place): keyof OneOfEach {
  const path = [operation, ...place].join('.');
  const said = (noun: string) => path.toLowerCase().lastIndexOf(noun);
  const [last] = Object.keys(ours).toSorted((one, other) => said(other) - said(one)) as [keyof OneOfEach];
  return NAMED_OTHERWISE[path] ?? (said(last) < 0 ? 'customer' : last);
}

const NAMED_OTHERWISE: Record<string, keyof OneOfEach> = {
  'changeSubscriptionProduct.input.id': 'subscription',
  'createFileVersion.input.id': 'file',
  'updateProductBenefits.input.id': 'product',
};

async function ask(operation: string, field: GraphQLField<unknown, unknown>, place: Place, id: string) {
  const passed = field.args.filter((argument) => isRequiredArgument(argument) || argument.name === place[0]);
  const declared = passed.map(({ name, type }) => `$${name}: ${type}`).join(', ');
  const given = passed.map(({ name }) => `${name}: $${name}`).join(', ');
  const document = `${operation} (${declared}) { ${field.name}(${given}) ${everythingOf(field.type)} }`;
  const variables = passed.map(({ name, type }) => [name, inputWith(field.name, type, [name], place, id)]);
  const { data, errors } = await api.ask(document, Object.fromEntries(variables));
  return { data, errors: errors.map(({ message, extensions }) => ({ message, code: extensions.code })) };
}

/** Every place of an id within a value of this type. */
function placesIn(given: GraphQLInputType, place: Place): Place[] {
  const type = getNullableType(given);
  if (isListType(type)) return placesIn(type.ofType, place);
  if (isInputObjectType(type))
    return Object.values(type.getFields())
      .filter(({ name }) => !place.includes(name)) // A filter may hold filters.
      .flatMap((field) => placesIn(field.type, [...place, field.name]));
  return type.name === 'ID' ? [place] : [];
}

/** The least value of this type that has this id in this place, and in all others ids of our own. */
function inputWith(operation: string, given: GraphQLInputType, here: Place, place: Place, id: string): unknown {
  const type = getNullableType(given);
  const within = (inner: GraphQLInputType, path: Place) => inputWith(operation, inner, path, place, id);
  if (isListType(type)) return [within(type.ofType, here)];
  if (!isInputObjectType(type)) {
    if (type.name !== 'ID') return exampleOf(type);
    return here.join() === place.join() ? id : ours[meantBy(operation, here)];
  }
  const fields = Object.values(type.getFields());
  const leads = ({ name }: { name: string }) => [...here, name].every((step, depth) => place[depth] === step);
  const named = type.isOneOf
    ? [fields.find(leads) ?? fields.find(({ name }) => name === 'id') ?? fields[0]]
    : fields.filter((field) => leads(field) || isRequiredInputField(field));
  return Object.fromEntries(
    named.flatMap((field) => (field ? [[field.name, within(field.type, [...here, field.name])]] : [])),
  );
}

/** Selects all that is asked for without an argument, and the same of what that leads to. */
function everythingOf(given: GraphQLOutputType, depth = 0): string {
  const type = getNamedType(given);
  if (isLeafType(type)) return '';
  if (isAbstractType(type)) {
    const possible = api.schema
      .getPossibleTypes(type)
      .map((each) => `... on ${each.name} ${everythingOf(each, depth)}`);
    return `{ __typename ${possible.join(' ')} }`;
  }
  const fields = Object.values(type.getFields()).filter(
    (field) => !field.args.some(isRequiredArgument) && (depth < 1 || isLeafType(getNamedType(field.type))),
  );
  // Fields of one name may differ in type from one member of a union to the other.
  const selected = fields.map(
    (field) => `${type.name}_${field.name}: ${field.name} ${everythingOf(field.type, depth + 1)}`,
  );
  return `{ __typename ${selected.join(' ')} }`;
}
