import { afterAll, beforeAll, expect, test } from 'vitest';
import * as cursors from '../../src/domain/cursors.ts';
import { type Api, customerViewer, openApi } from './api.ts';
import { countStatements } from './statements.ts';

let api: Api;
let customerId: string;
beforeAll(async () => {
  api = await openApi();
  customerId = (await api.customer()).id;
});
afterAll(() => api[Symbol.asyncDispose]());

const sequenceOf = (cursor: string) => cursors.read(cursor, { organizationId: api.organizationId, now: api.time.now });
const newest = async () =>
  (await api.prisma.organization.findUniqueOrThrow({ where: { id: api.organizationId } })).eventSequence;

test.each([
  ['{ customers { edges { node { email grants { totalCount } } } } currentOrganization { name liveCursor } }'],
  [
    'query($id: ID!) { customer(by: { id: $id }) { email grants { edges { node { id } } } ...Live } } fragment Live on Customer { liveCursor }',
  ],
])('where to listen from is read before everything else in %s', async (document) => {
  const statements = await countStatements(() => api.get(document, { id: customerId }));
  expect(statements[0]).toContain('"eventSequence"');
  expect(statements.filter((text) => text.includes('"eventSequence"'))).toHaveLength(1);
});

test('an operation that does not ask for it does not read it', async () => {
  const statements = await countStatements(() => api.get('{ customers { edges { node { email } } } }'));
  expect(statements).toHaveLength(1);
});

test('it names the newest event, for a merchant, for a customer, and in the payload of a mutation', async () => {
  const { currentOrganization } = await api.get('{ currentOrganization { liveCursor } }');
  expect(sequenceOf(currentOrganization.liveCursor)).toBe(await newest());
  const { currentCustomer } = await api.get(
    '{ currentCustomer { liveCursor } }',
    {},
    customerViewer(api.organizationId, customerId),
  );
  expect(sequenceOf(currentCustomer.liveCursor)).toBe(await newest());
  const { customer } = await api.call('updateCustomer', { id: customerId, name: 'Grace' }, 'customer { liveCursor }');
  expect(sequenceOf(customer.liveCursor)).toBe(await newest());
});
