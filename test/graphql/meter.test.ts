import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pruned } from '../operations/documents.ts';
import { type Api, customerViewer, merchant, openApi } from './api.ts';

let api: Api;
let customerId: string;
beforeAll(async () => {
  api = await openApi();
  customerId = (await api.customer()).id;
});
afterAll(() => api[Symbol.asyncDispose]());

const send = (name: string, variables: object) => api.get(pruned(api.schema, name) ?? '', variables);
const make = (input: object) =>
  api.call('createMeter', { name: 'Calls', aggregation: { function: 'COUNT' }, ...input }, 'meter { id }');
const READ = `query($id: ID!) { meter(id: $id) {
  id name filter aggregation { function property } backfill { done total finishedAt } archivedAt } }`;

describe('meters over the API', () => {
  test('CreateMeter and IngestUsage, as users send them', async () => {
    const { createMeter } = await send('CreateMeter', {
      input: {
        name: 'Tokens',
        filter: {
          conjunction: 'AND',
          clauses: [
            { property: 'name', operator: 'EQ', value: 'completion' },
            { property: 'model', operator: 'LIKE', value: 'big' },
          ],
        },
        aggregation: { function: 'SUM', property: 'tokens' },
      },
    });
    expect(createMeter).toMatchObject({ __typename: 'CreateMeterPayload', meter: { name: 'Tokens' } });
    const event = { name: 'completion', customer: { id: customerId }, metadata: { model: 'big-4', tokens: 12.5 } };
    const input = {
      events: [
        { ...event, externalId: 'a' },
        { ...event, externalId: 'a' },
        { ...event, name: 'other' },
      ],
    };
    expect((await send('IngestUsage', { input })).ingestUsage).toEqual({
      __typename: 'IngestUsagePayload',
      ingested: 2,
      duplicates: 1,
    });
    const { meterQuantities } = await api.get(
      `query($id: ID!) { meterQuantities(meterId: $id, interval: DAY, from: "2026-03-01T00:00:00Z", to: "2026-03-03T00:00:00Z") {
        total buckets { startsAt endsAt quantity } } }`,
      { id: createMeter.meter.id },
    );
    expect(meterQuantities).toEqual({
      total: '12.5',
      buckets: [
        { startsAt: '2026-03-01T00:00:00.000Z', endsAt: '2026-03-02T00:00:00.000Z', quantity: '12.5' },
        { startsAt: '2026-03-02T00:00:00.000Z', endsAt: '2026-03-03T00:00:00.000Z', quantity: '0' },
      ],
    });
  });

  test('are renamed and archived, told of, and found', async () => {
    const { meter } = await make({ filter: { property: 'a', operator: 'EQ', value: 1 } });
    await api.call('updateMeter', { id: meter.id, name: 'All calls' }, '__typename');
    for (let turn = 0; turn < 2; turn++) await api.call('archiveMeter', { id: meter.id }, '__typename');
    expect((await api.get(READ, { id: meter.id })).meter).toMatchObject({
      name: 'All calls',
      filter: { property: 'a', operator: 'EQ', value: 1 },
      aggregation: { function: 'COUNT', property: null },
      archivedAt: expect.any(String),
    });
    expect(await api.events({ subjectId: meter.id })).toEqual(['meter.created', 'meter.updated', 'meter.archived']);
    const { meters } = await api.get('{ meters(isArchived: true) { totalCount edges { node { id } } } }');
    expect(meters).toEqual({ totalCount: 1, edges: [{ node: { id: meter.id } }] });
  });

  const nested = (depth: number): object =>
    depth === 1 ? { property: 'a', operator: 'EQ', value: 1 } : { conjunction: 'OR', clauses: [nested(depth - 1)] };

  test.each<[string, object, RegExp]>([
    ['a filter 101 deep', { filter: nested(101) }, /^filter\.clauses/],
    ['a filter 11 deep', { filter: nested(11) }, /^filter\.clauses/],
    ['a filter of both forms', { filter: { property: 'a', clauses: [nested(1)] } }, /^filter$/],
    ['a property to count', { aggregation: { function: 'COUNT', property: 'a' } }, /^aggregation\.property$/],
    ['nothing to add up', { aggregation: { function: 'SUM' } }, /^aggregation\.property$/],
    ['a time to add up', { aggregation: { function: 'SUM', property: 'timestamp' } }, /^aggregation\.property$/],
    ['no name', { name: ' ' }, /^name$/],
  ])('with %s are refused', async (_what, input, path) => {
    const answer = await make(input);
    expect(answer.__typename).toBe('InvalidInputError');
    expect(answer.path.join('.')).toMatch(path);
  });

  test('a mistake in a batch names the event', async () => {
    const event = { name: 'x', customer: { id: customerId } };
    const events = [event, { ...event, customer: { id: 'cus_nobody' } }];
    expect(await api.call('ingestUsage', { events }, '__typename')).toMatchObject({
      __typename: 'NotFoundError',
      path: ['events', '1', 'customer', 'id'],
    });
  });

  test('a batch under a key is recorded once, however often and however many at once', async () => {
    const events = Array.from({ length: 3 }, () => ({ name: 'kept', customer: { id: customerId } }));
    const send = (some: object[], idempotencyKey = 'batch') =>
      api.call('ingestUsage', { events: some, idempotencyKey }, 'ingested duplicates');
    const answers = await Promise.all([send(events), send(events), send(events), send(events, 'another')]);
    for (const answer of answers) expect(answer).toMatchObject({ ingested: 3, duplicates: 0 });
    expect(await api.prisma.usageEvent.count({ where: { customerId, name: 'kept' } })).toBe(6);
    expect(await send(events.slice(1))).toMatchObject({ __typename: 'ConflictError', path: ['idempotencyKey'] });
  });

  test('of others are not found, and customers see no more than a name', async () => {
    const { meter } = await make({});
    const stranger = merchant('org_other');
    expect((await api.ask(READ, { id: meter.id }, stranger)).data.meter).toBeNull();
    expect((await api.call('archiveMeter', { id: 'met_x' }, '__typename')).__typename).toBe('NotFoundError');
    const { errors } = await api.ask('{ meters { totalCount } }', {}, customerViewer(api.organizationId, customerId));
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    const limited = merchant(api.organizationId, 'usage:write');
    expect((await api.ask('{ meters { totalCount } }', {}, limited)).errors).toHaveLength(1);
  });

  test('quantities of an unknown zone, or too many of them, say so', async () => {
    const { meter } = await make({});
    const ask = (args: string) =>
      api.ask(`query($id: ID!) { meterQuantities(meterId: $id, ${args}) { total } }`, { id: meter.id });
    const from = 'from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z"';
    for (const args of [`interval: DAY, timeZone: "Mars", ${from}`, `interval: HOUR, ${from}`])
      expect((await ask(args)).errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});
