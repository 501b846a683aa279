import { type GraphQLObjectType, getNamedType, isLeafType } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Viewer } from '../../src/graphql/viewer.ts';
import { type Api, anonymous, customerViewer, merchant, openApi } from './api.ts';
import { exampleOf } from './example.ts';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api[Symbol.asyncDispose]());

/** What shipped applications do without any token. */
const PUBLIC = ['activateLicenseKey', 'checkoutLicenseKey', 'consumeLicenseKey', 'deactivateLicenseKey'];

/** The root fields that somebody is not refused. */
async function openTo(viewer: Viewer, kind: 'query' | 'mutation', refusal: string): Promise<string[]> {
  const root = (kind === 'query' ? api.schema.getQueryType() : api.schema.getMutationType()) as GraphQLObjectType;
  const open = [];
  for (const { name, args, type } of Object.values(root.getFields())) {
    const required = args.filter((argument) => String(argument.type).endsWith('!'));
    const declared = required.map((argument) => `$${argument.name}: ${argument.type}`).join(', ');
    const passed = required.map((argument) => `${argument.name}: $${argument.name}`).join(', ');
    const selection = isLeafType(getNamedType(type)) ? '' : '{ __typename }';
    const document = `${kind} ${declared && `(${declared})`} { ${name} ${passed && `(${passed})`} ${selection} }`;
    const variables = Object.fromEntries(required.map((argument) => [argument.name, exampleOf(argument.type)]));
    const { errors } = await api.ask(document, variables, viewer);
    if (errors[0]?.extensions.code !== refusal) open.push(name);
  }
  return open.sort();
}

test('nobody does anything without a token but what shipped applications do', async () => {
  expect(await openTo(anonymous, 'mutation', 'UNAUTHENTICATED')).toEqual(PUBLIC);
  expect(await openTo(anonymous, 'query', 'UNAUTHENTICATED')).toEqual(['validateLicenseKey']);
});

/** What customers do with accounts of their own. */
const OWN_ACCOUNTS = ['startAccountLink', 'unlinkAccount', 'useAccount'];

test('a customer session links its own accounts besides, and asks only about itself', async () => {
  const viewer = customerViewer(api.organizationId, 'cus_1');
  expect(await openTo(viewer, 'mutation', 'FORBIDDEN')).toEqual([...PUBLIC, ...OWN_ACCOUNTS]);
  expect(await openTo(viewer, 'query', 'FORBIDDEN')).toEqual([
    'creditStatement',
    'currentCustomer',
    'meterBalance',
    'meterQuantities',
    'node',
    'nodes',
    'validateLicenseKey',
  ]);
});

test('a token that is good for something else is good for nothing', async () => {
  const viewer = merchant(api.organizationId, 'nothing:read');
  expect(await openTo(viewer, 'mutation', 'FORBIDDEN')).toEqual(PUBLIC);
  expect(await openTo(viewer, 'query', 'FORBIDDEN')).toEqual(['node', 'nodes', 'validateLicenseKey']);
});
