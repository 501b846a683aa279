import {
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, openApi } from './api.ts';

let api: Api;
let customerId: string;
const ids: string[] = [];

const NOTE =
  '{{customer.name}} {{customer.email}} {{customer.externalId}} {{order.id}} {{subscription.id}} {{benefit.description}} {{grant.id}}';

beforeAll(async () => {
  api = await openApi();
  const benefitIds = [];
  for (const properties of [{ licenseKeys: { limitUsage: 5 } }, { custom: { note: NOTE } }]) {
    const input = { description: 'One', properties, metadata: { a: 1 } };
    benefitIds.push((await api.call('createBenefit', input, 'benefit { id }')).benefit.id);
  }
  const product = await api.product(benefitIds);
  const input = { email: 'ada@example.com', name: 'Ada', externalId: 'ada', metadata: { b: 2 } };
  customerId = (await api.call('createCustomer', input, 'customer { id }')).customer.id;
  for (const name of ['createSubscription', 'createOrder'])
    await api.call(name, { customer: { id: customerId }, productId: product.id }, '__typename');
  await api.settle(customerId);
  const grants = await api.grants(customerId);
  const [revoked, noted] = grants.slice(2);
  await api.call('revokeBenefitGrant', { id: revoked?.id, reason: 'Because' }, 'grant { id }');
  await api.call('fulfillBenefitGrant', { id: noted?.id }, '__typename');
  await api.settle(customerId);
  const key = await api.database.prisma.licenseKey.findFirstOrThrow({ select: { id: true } });
  ids.push(customerId, ...benefitIds, ...grants.map(({ id }) => id), key.id);
});
afterAll(() => api[Symbol.asyncDispose]());

test('every field answers alike, whether it is asked for alone or among all others', async () => {
  let asked = 0;
  for (const id of ids) {
    const { node } = await api.get('query($id: ID!) { node(id: $id) { __typename } }', { id });
    const units = unitsOf(api.schema.getType(node.__typename));
    const ask = async (some: readonly string[]) => {
      const fields = some.map((unit) => `f${units.indexOf(unit)}: ${unit}`).join(' ');
      return (await api.get(`query($id: ID!) { node(id: $id) { ... on ${node.__typename} { ${fields} } } }`, { id }))
        .node;
    };
    const all = await ask(units);
    for (const [index, unit] of units.entries())
      expect(await ask([unit]), unit).toEqual({ [`f${index}`]: all[`f${index}`] });
    asked += units.length;
  }
  expect(asked).toBeGreaterThan(100);
});

/** Each field that needs no arguments; of what is no list, each plain field by itself. */
function unitsOf(type: GraphQLNamedType | undefined): string[] {
  return fieldsOf(type).flatMap((field) => {
    const inside = getNamedType(field.type);
    if (inside.name.endsWith('Connection')) return [`${field.name} { edges { node { __typename } } }`];
    if (isLeafType(inside)) return [field.name];
    return membersOf(inside).flatMap((member) =>
      fieldsOf(member)
        .filter((one) => isLeafType(getNamedType(one.type)))
        .map((one) => `${field.name} { ... on ${member.name} { ${one.name} } }`),
    );
  });
}

const membersOf = (type: GraphQLNamedType): readonly GraphQLObjectType[] =>
  isObjectType(type) ? [type] : isAbstractType(type) ? api.schema.getPossibleTypes(type) : [];

const fieldsOf = (type: GraphQLNamedType | undefined) =>
  isObjectType(type) ? Object.values(type.getFields()).filter(({ args }) => !args.some(isRequiredArgument)) : [];
