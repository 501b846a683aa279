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
import { RARE_FIELDS } from '../../src/graphql/reads/rows.ts';
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
  const keys = await api.database.prisma.licenseKey.findMany({ select: { id: true } });
  ids.push(customerId, ...benefitIds, ...grants.map(({ id }) => id), ...keys.map(({ id }) => id));
});
afterAll(() => api[Symbol.asyncDispose]());

test('every field answers alike, whether or not anything rare is asked for beside it', async () => {
  for (const id of ids) {
    const { node } = await api.get('query($id: ID!) { node(id: $id) { __typename } }', { id });
    const common = unitsOf(api.schema.getType(node.__typename)).filter((unit) => !RARE.test(unit));
    const ask = (more: string) =>
      api.get(
        `query($id: ID!) { node(id: $id) { ... on ${node.__typename} {
          ${common.map((unit, index) => `f${index}: ${unit}`).join(' ')} } } ${more} }`,
        { id },
      );
    const { node: alone } = await ask('');
    const { node: beside, customers } = await ask('customers { edges { node { createdAt } } }');
    expect(customers.edges).toHaveLength(1);
    expect(alone).toEqual(beside);
    expect(common.length).toBeGreaterThan(5);
  }
});

const RARE = new RegExp(`\\b(${RARE_FIELDS.join('|')})\\b`);

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
