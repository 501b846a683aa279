import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/lib/time.ts';
import { type Api, customerViewer, merchant, openApi } from './api.ts';

let api: Api;
let ada: string;
let meterId: string;
const at = (hours: number) => new Date(Date.UTC(2026, 1, 1) + hours * HOUR_MS).toISOString();
const make = async (input: object = {}) =>
  (await api.call('createMeter', { name: 'Calls', aggregation: { function: 'COUNT' }, ...input }, 'meter { id }')).meter
    .id;
const send = (events: object[]) => api.call('ingestUsage', { events }, 'ingested');

beforeAll(async () => {
  api = await openApi();
  ada = (await api.customer()).id;
  meterId = await make({ filter: { property: 'model', operator: 'EQ', value: 'big' } });
  await send([
    { name: 'call', customer: { id: ada }, externalId: 'c1', timestamp: at(1), metadata: { model: 'big' } },
    { name: 'call', customer: { id: ada }, externalId: 'c5', timestamp: at(5), metadata: { model: 'small' } },
    { name: 'scan', customer: { externalId: 'grace' }, externalId: 's3', timestamp: at(3), metadata: { model: 'big' } },
    { name: 'call', customer: { externalId: 'grace' }, externalId: 'c4', timestamp: at(4) },
    { name: 'call', customer: { id: ada }, externalId: 'c3', timestamp: at(3), metadata: { model: 'big' } },
  ]);
});
afterAll(() => api[Symbol.asyncDispose]());

const LIST = `query($filter: UsageEventFilter, $first: Int, $after: String) { usageEvents(filter: $filter, first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } edges { node {
    id name customer { id } externalCustomerId externalId timestamp metadata recordedAt } } } }`;
const page = async (variables: object) => (await api.get(LIST, variables)).usageEvents;
const found = async (filter: object) => {
  const { edges, totalCount } = await page({ filter });
  expect(totalCount).toBe(edges.length);
  return edges.map(({ node }: { node: { externalId: string } }) => node.externalId).join(' ');
};

describe('usage events', () => {
  test('are listed newest first, with all that was reported', async () => {
    expect(await found({})).toBe('c5 c4 c3 s3 c1');
    const { edges } = await page({ first: 2 });
    expect(edges.map(({ node }: { node: object }) => node)).toMatchObject([
      { name: 'call', customer: { id: ada }, externalCustomerId: null, timestamp: at(5), metadata: { model: 'small' } },
      { customer: null, externalCustomerId: 'grace', metadata: {}, recordedAt: api.clock().toISOString() },
    ]);
  });

  test('are walked page by page without gap or double, also where two are of one instant', async () => {
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const { edges, pageInfo, totalCount } = await page({ first: 1, after });
      expect(totalCount).toBe(5);
      seen.push(...edges.map(({ node }: { node: { externalId: string } }) => node.externalId));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(seen).toEqual(['c5', 'c4', 'c3', 's3', 'c1']);
  });

  test.each<[string, () => object, string]>([
    ['a customer', () => ({ customer: { id: ada } }), 'c5 c3 c1'],
    ['one who has not come yet', () => ({ customer: { externalId: 'grace' } }), 'c4 s3'],
    ['nobody', () => ({ customer: { email: 'nobody@example.com' } }), ''],
    ['a meter', () => ({ meterId }), 'c3 s3 c1'],
    ['no meter', () => ({ meterId: 'met_none' }), ''],
    ['an empty id', () => ({ meterId: '' }), ''],
    ['a name', () => ({ name: 'scan' }), 's3'],
    ['an external id', () => ({ externalId: 'c4' }), 'c4'],
    ['a time, its end excluded', () => ({ from: at(3), to: at(4) }), 'c3 s3'],
    ['all of these', () => ({ customer: { id: ada }, meterId, name: 'call', from: at(2) }), 'c3'],
  ])('of %s are found', async (_what, filter, ids) => {
    expect(await found(filter())).toBe(ids);
  });

  test('of a meter that is archived end there', async () => {
    const id = await make();
    const total = async () => {
      const QUANTITY = `query($id: ID!) { meterQuantities(meterId: $id, interval: MONTH, from: "${at(0)}", to: "${at(9)}") { total } }`;
      return Number((await api.get(QUANTITY, { id })).meterQuantities.total);
    };
    const [before, counted] = [await found({ meterId: id }), await total()];
    await api.call('archiveMeter', { id }, '__typename');
    await send([{ name: 'late', customer: { externalId: 'late' }, timestamp: at(2) }]);
    expect([await found({ meterId: id }), await total()]).toEqual([before, counted]);
    expect((await page({})).totalCount).toBe(6);
  });

  test('are for merchants who may read meters, and of no other organization', async () => {
    const count = async (as: ReturnType<typeof merchant>) => api.ask('{ usageEvents { totalCount } }', {}, as);
    expect((await count(customerViewer(api.organizationId, ada))).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await count(merchant(api.organizationId, 'usage:write'))).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await count(merchant('org_other'))).data).toEqual({ usageEvents: { totalCount: 0 } });
  });
});

test('a customer sees quantities of their own, and names nobody else', async () => {
  const self = customerViewer(api.organizationId, ada);
  const ask = (of: string) =>
    api.ask(
      `query($id: ID!) { meterQuantities(meterId: $id, interval: MONTH, from: "${at(0)}", to: "${at(9)}"${of}) { total } }`,
      { id: meterId },
      self,
    );
  expect((await ask('')).data).toEqual({ meterQuantities: { total: '2' } });
  expect((await ask(', customers: [{ externalId: "grace" }]')).errors[0]?.extensions).toMatchObject({
    code: 'BAD_USER_INPUT',
    path: ['customers'],
  });
});
