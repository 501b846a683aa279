import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as events from '../../src/domain/events.ts';
import { type Node, openNode } from '../support/node.ts';

let node: Node;
let ada: string;
let alan: string;
beforeAll(async () => {
  node = await openNode();
  [ada, alan] = [(await node.customer()).id, (await node.customer()).id];
  await node.happen('benefit_grant.created', { customerId: ada });
  await node.happen('benefit_grant.created', { customerId: alan });
  await node.happen('benefit.created');
  await node.happen('benefit_grant.revoked', { customerId: ada });
  const other = await node.newOrganization('Other');
  await node.happen('benefit.created', { organizationId: other.id });
});
afterAll(() => node[Symbol.asyncDispose]());

const EVERYTHING = { after: 0n, upTo: 1_000n, limit: 100 };
const read = async (selection: Partial<events.Selection> & Partial<typeof EVERYTHING> = {}) => {
  const found = await events.read(node.database.read, {
    organizationId: node.organizationId,
    ...EVERYTHING,
    ...selection,
  });
  return found.map(({ sequence, type }) => `${sequence} ${type}`);
};
const ALL = [
  '1 customer.created',
  '2 customer.created',
  '3 benefit_grant.created',
  '4 benefit_grant.created',
  '5 benefit.created',
  '6 benefit_grant.revoked',
];

test('the log is read in order and holds what happened in this organization alone', async () => {
  expect(await read()).toEqual(ALL);
});

test('it is read from one sequence, left out, to another, included, and no more than was asked for', async () => {
  expect(await read({ after: 2n, upTo: 5n })).toEqual(ALL.slice(2, 5));
  expect(await read({ after: 2n, limit: 2 })).toEqual(ALL.slice(2, 4));
  expect(await read({ after: 6n })).toEqual([]);
});

test('what concerns one customer is read alone', async () => {
  expect(await read({ customerId: ada })).toEqual([ALL[0], ALL[2], ALL[5]]);
});

test('the newest sequence is known, of one organization and of many', async () => {
  expect(await events.newest(node.database, node.organizationId)).toBe(6n);
  expect(await events.newest(node.database, 'org_unknown')).toBe(0n);
  expect(await events.newestOf(node.database, [node.organizationId, 'org_unknown'])).toEqual(
    new Map([[node.organizationId, 6n]]),
  );
});

test('it is known when what comes after a sequence happened, if it has', async () => {
  const { organizationId, database } = node;
  const fourth = await database.prisma.event.findFirst({ where: { organizationId, sequence: 4n } });
  expect(await events.timeAfter(database, { organizationId, after: 3n })).toEqual(fourth?.occurredAt);
  expect(await events.timeAfter(database, { organizationId, after: 6n })).toBeNull();
});

describe('types', () => {
  const TYPES: [types: string[], lines: (string | undefined)[]][] = [
    [['benefit.created'], [ALL[4]]],
    [['benefit_grant.*'], [ALL[2], ALL[3], ALL[5]]],
    [['benefit.*'], [ALL[4]]],
    [
      ['benefit_grant.revoked', 'customer.*'],
      [ALL[0], ALL[1], ALL[5]],
    ],
    [['benefit_gran.*'], []],
    [['benefit_grant'], []],
  ];
  test.each(TYPES)('%j selects the same in the log and in the process', async (types, lines) => {
    expect(await read({ types })).toEqual(lines);
    const isMeant = events.matcher({ organizationId: '', types });
    expect(ALL.filter((line) => isMeant({ type: line.split(' ')[1] ?? '', customerId: null }))).toEqual(lines);
  });

  test('one can ask for exact names and families, and for nothing else', () => {
    for (const type of ['benefit.created', 'benefit_grant.*']) expect(events.isTypeOrFamily(type), type).toBe(true);
    for (const type of ['', '*', '.*', 'a.b.c', 'a|b', '(a+)+$', 'Benefit.created', `${'a'.repeat(50)}.b`]) {
      expect(events.isTypeOrFamily(type), type).toBe(false);
    }
  });
});
