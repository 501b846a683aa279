import { printType } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { defineKind, type Kind, reference } from '../../src/benefits/kind.ts';
import { kinds } from '../../src/benefits/kinds.ts';
import { done } from '../../src/benefits/outcome.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { type Api, openApi } from './api.ts';

const Size = z
  .enum(['small', 'large'])
  .meta({ id: 'ToySize', description: 'How big.', values: { small: 'Little.', large: 'Much.' } });
const Box = z
  .object({
    size: Size.default('small'),
    labels: z.array(z.string()).meta({ description: 'What stands on it.' }),
  })
  .meta({ id: 'ToyBox', description: 'Where toys are.' });

/** A kind nobody has seen, that states one of everything. */
const toy: Kind = defineKind({
  type: 'toy_chest',
  name: 'ToyChest',
  description: 'Toys, for tests.',
  properties: z.object({
    boxes: z.array(Box).min(1).max(3).meta({ description: 'The boxes.' }),
    weight: z.number().nullish().meta({ description: 'In kilograms.' }),
    open: z.boolean().default(true).meta({ description: 'Whether it is open.' }),
    productIds: z.array(reference('Product', 'A product.')).default([]).meta({ description: 'What else to buy.' }),
  }),
  example: { description: 'A chest', properties: { boxes: [{ labels: [] }] } },
  held: z.object({ at: z.string() }),
  delivers: z.object({
    at: z.date().meta({ description: 'When.' }),
    boxes: z.array(Box).meta({ description: 'The boxes.' }),
    productIds: z.array(reference('Product', 'A product.')).meta({ description: 'What else to buy.' }),
  }),
  keep: {
    where: 'rows',
    deliver: async (_tx, orders) => orders.map(({ now }) => done({ at: now.toISOString() })),
    withdraw: async (_tx, orders) => orders.map(({ held }) => done(held)),
  },
  deliveries: {
    from: 'orders',
    async tell(_means, orders) {
      deliveriesAsked.push(orders.length);
      return orders.map(({ held, properties }) => ({
        at: new Date(held.at),
        boxes: properties.boxes,
        productIds: properties.productIds,
      }));
    },
  },
  instructions: () => 'Play.',
  wire: { properties: () => ({}), grant: () => ({}) },
});
const deliveriesAsked: number[] = [];

let api: Api;
beforeAll(async () => {
  api = await openApi({ kinds: [...kinds, toy] });
});
afterAll(() => api[Symbol.asyncDispose]());

test('two schemas over different kinds stand beside each other', () => {
  expect(buildSchema(kinds).getType('ToyChestBenefit')).toBeUndefined();
  expect(buildSchema([toy]).getType('ToyChestBenefit')).toBeDefined();
  expect(buildSchema([toy]).getType('LicenseKeysBenefit')).toBeUndefined();
});

test('what a kind states is what the API says', () => {
  const print = (name: string) => {
    const type = api.schema.getType(name);
    return type
      ? printType(type)
          .replace(/ *"""[^"]*"""\n/g, '')
          .replace(/\n\n/g, '\n')
      : '';
  };
  expect(print('ToyChestPropertiesInput')).toBe(`input ToyChestPropertiesInput {
  boxes: [ToyBoxInput!]!
  open: Boolean = true
  productIds: [ID!]
  weight: Float
}`);
  expect(print('ToyBoxInput')).toBe(`input ToyBoxInput {
  labels: [String!]!
  size: ToySize = SMALL
}`);
  expect(print('ToyChestDelivery')).toBe(`type ToyChestDelivery {
  at: DateTime!
  boxes: [ToyBox!]!
  products: [Product!]!
}`);
  expect(print('ToySize')).toBe('enum ToySize {\n  LARGE\n  SMALL\n}');
  expect(print('ToyChestBenefit')).toContain('products: [Product!]!');
  expect(print('BenefitPropertiesInput')).toContain('toyChest: ToyChestPropertiesInput');
  expect(print('BenefitType')).toContain('TOY_CHEST');
});

test('a kind nobody has seen is configured, granted and delivered through the same door', async () => {
  const { id: other } = await api.product([]);
  const properties = {
    toyChest: { boxes: [{ labels: ['a'] }, { size: 'LARGE', labels: [] }], weight: null, productIds: [other] },
  };
  const CHEST = '... on ToyChestBenefit { boxes { size labels } weight open products { id } }';
  const { benefit } = await api.call(
    'createBenefit',
    { description: 'Chest', properties },
    `benefit { id type ${CHEST} }`,
  );
  expect(benefit).toMatchObject({
    type: 'TOY_CHEST',
    boxes: [
      { size: 'SMALL', labels: ['a'] },
      { size: 'LARGE', labels: [] },
    ],
    weight: null,
    open: true,
    products: [{ id: other }],
  });
  const product = await api.product([benefit.id]);
  for (let count = 0; count < 3; count++) {
    const { id } = await api.customer();
    await api.call('createSubscription', { customer: { id }, productId: product.id }, '__typename');
    await api.settle(id);
  }
  deliveriesAsked.length = 0;
  const DELIVERY = '... on ToyChestDelivery { at boxes { size } products { id } }';
  const { customers } = await api.get(
    `{ customers { edges { node { grants { edges { node { instructions delivery { __typename ${DELIVERY} } } } } } } } }`,
  );
  for (const { node } of customers.edges) {
    expect(node.grants.edges[0].node).toEqual({
      instructions: 'Play.',
      delivery: {
        __typename: 'ToyChestDelivery',
        at: '2026-03-01T12:00:00.000Z',
        boxes: [{ size: 'SMALL' }, { size: 'LARGE' }],
        products: [{ id: other }],
      },
    });
  }
  expect(deliveriesAsked).toEqual([3]);
});

test('its mistakes name their place in the input', async () => {
  const create = (toyChest: object) =>
    api.call('createBenefit', { description: 'Chest', properties: { toyChest } }, '__typename');
  const path = (...rest: string[]) => ({ __typename: 'InvalidInputError', path: ['properties', 'toyChest', ...rest] });
  expect(await create({ boxes: [] })).toMatchObject(path('boxes'));
});

test('a property that came later shows its default on benefits that are older', async () => {
  const older = await api.benefit('toy_chest', { boxes: [{ labels: [] }] });
  const { benefit } = await api.get(
    'query($id: ID!) { benefit(id: $id) { ... on ToyChestBenefit { open boxes { size } products { id } } } }',
    { id: older.id },
  );
  expect(benefit).toEqual({ open: true, boxes: [{ size: 'SMALL' }], products: [] });
});
